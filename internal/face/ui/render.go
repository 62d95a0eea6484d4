package ui

import (
	"context"
	"io"
)

// Each component renders itself, so that a template can write @ui.Badge{...}.

// Render writes the whole page around its children.
func (p Page) Render(ctx context.Context, w io.Writer) error { return page(p).Render(ctx, w) }

// Render writes the heading.
func (c Heading) Render(ctx context.Context, w io.Writer) error { return heading(c).Render(ctx, w) }

// Render writes the form box.
func (c FormBox) Render(ctx context.Context, w io.Writer) error { return formBox(c).Render(ctx, w) }

// Render writes the error summary.
func (c ErrorSummary) Render(ctx context.Context, w io.Writer) error {
	return errorSummary(c).Render(ctx, w)
}

// Render writes the text field.
func (c TextField) Render(ctx context.Context, w io.Writer) error { return textField(c).Render(ctx, w) }

// Render writes the text area.
func (c TextArea) Render(ctx context.Context, w io.Writer) error { return textArea(c).Render(ctx, w) }

// Render writes the select.
func (c Select) Render(ctx context.Context, w io.Writer) error { return selectField(c).Render(ctx, w) }

// Render writes the radios.
func (c Radios) Render(ctx context.Context, w io.Writer) error { return radios(c).Render(ctx, w) }

// Render writes the checkboxes.
func (c Checkboxes) Render(ctx context.Context, w io.Writer) error {
	return checkboxes(c).Render(ctx, w)
}

// Render writes the check.
func (c Check) Render(ctx context.Context, w io.Writer) error { return check(c).Render(ctx, w) }

// Render writes the file field.
func (c FileField) Render(ctx context.Context, w io.Writer) error { return fileField(c).Render(ctx, w) }

// Render writes the state of a file that is sent.
func (c Sending) Render(ctx context.Context, w io.Writer) error { return sending(c).Render(ctx, w) }

// Render writes the date field.
func (c DateField) Render(ctx context.Context, w io.Writer) error { return dateField(c).Render(ctx, w) }

// Render writes the money field.
func (c MoneyField) Render(ctx context.Context, w io.Writer) error {
	return moneyField(c).Render(ctx, w)
}

// Render writes the hidden.
func (c Hidden) Render(ctx context.Context, w io.Writer) error { return hiddenField(c).Render(ctx, w) }

// Render writes the button.
func (c Button) Render(ctx context.Context, w io.Writer) error { return button(c).Render(ctx, w) }

// Render writes the table.
func (c Table) Render(ctx context.Context, w io.Writer) error { return table(c).Render(ctx, w) }

// Render writes the pager.
func (c Pager) Render(ctx context.Context, w io.Writer) error { return pager(c).Render(ctx, w) }

// Render writes the filter.
func (c Filter) Render(ctx context.Context, w io.Writer) error { return filter(c).Render(ctx, w) }

// Render writes the tabs.
func (c Tabs) Render(ctx context.Context, w io.Writer) error { return tabs(c).Render(ctx, w) }

// Render writes the prev next.
func (c PrevNext) Render(ctx context.Context, w io.Writer) error { return prevNext(c).Render(ctx, w) }

// Render writes the chain.
func (c Chain) Render(ctx context.Context, w io.Writer) error { return chain(c).Render(ctx, w) }

// Render writes the badge.
func (c Badge) Render(ctx context.Context, w io.Writer) error { return badge(c).Render(ctx, w) }

// Render writes the tag.
func (c Tag) Render(ctx context.Context, w io.Writer) error { return tag(c).Render(ctx, w) }

// Render writes the def list.
func (c DefList) Render(ctx context.Context, w io.Writer) error { return defList(c).Render(ctx, w) }

// Render writes the card list.
func (c CardList) Render(ctx context.Context, w io.Writer) error { return cardList(c).Render(ctx, w) }

// Render writes the empty.
func (c Empty) Render(ctx context.Context, w io.Writer) error { return empty(c).Render(ctx, w) }

// Render writes the progress.
func (c Progress) Render(ctx context.Context, w io.Writer) error { return progress(c).Render(ctx, w) }

// Render writes the stat.
func (c Stat) Render(ctx context.Context, w io.Writer) error { return stat(c).Render(ctx, w) }

// Render writes the files.
func (c Files) Render(ctx context.Context, w io.Writer) error { return files(c).Render(ctx, w) }

// Render writes the API call.
func (c APICall) Render(ctx context.Context, w io.Writer) error { return apiCall(c).Render(ctx, w) }

// Render writes the copyable.
func (c Copyable) Render(ctx context.Context, w io.Writer) error { return copyable(c).Render(ctx, w) }

// Render writes the section.
func (c Section) Render(ctx context.Context, w io.Writer) error { return section(c).Render(ctx, w) }

// Render writes the links.
func (c RowsLink) Render(ctx context.Context, w io.Writer) error { return rowsLink(c).Render(ctx, w) }

// Render writes the problem.
func (c Problem) Render(ctx context.Context, w io.Writer) error { return problem(c).Render(ctx, w) }

// Render writes the timeline.
func (c Timeline) Render(ctx context.Context, w io.Writer) error { return timeline(c).Render(ctx, w) }

// Render writes the thread.
func (c Thread) Render(ctx context.Context, w io.Writer) error { return thread(c).Render(ctx, w) }

// Render writes the conflict.
func (c Conflict) Render(ctx context.Context, w io.Writer) error { return conflict(c).Render(ctx, w) }

// Render writes the record.
func (c Record) Render(ctx context.Context, w io.Writer) error { return record(c).Render(ctx, w) }

// Render writes the data.
func (c Data) Render(ctx context.Context, w io.Writer) error { return data(c).Render(ctx, w) }

// Render writes the side.
func (c Side) Render(ctx context.Context, w io.Writer) error { return side(c).Render(ctx, w) }

// Render writes the follow.
func (c Follow) Render(ctx context.Context, w io.Writer) error { return follow(c).Render(ctx, w) }

// Render writes the bar chart.
func (c BarChart) Render(ctx context.Context, w io.Writer) error { return barChart(c).Render(ctx, w) }

// Render writes the stacked bars.
func (c StackedBars) Render(ctx context.Context, w io.Writer) error {
	return stackedBars(c).Render(ctx, w)
}

// Render writes the line chart.
func (c LineChart) Render(ctx context.Context, w io.Writer) error { return lineChart(c).Render(ctx, w) }

// Render writes the scatter.
func (c Scatter) Render(ctx context.Context, w io.Writer) error { return scatter(c).Render(ctx, w) }

// Render writes the histogram.
func (c Histogram) Render(ctx context.Context, w io.Writer) error { return histogram(c).Render(ctx, w) }

// Render writes the map.
func (c Map) Render(ctx context.Context, w io.Writer) error { return mapView(c).Render(ctx, w) }

// Render writes the notice.
func (m Notice) Render(ctx context.Context, w io.Writer) error {
	return notice(m, false).Render(ctx, w)
}

// Render writes the living page.
func (d Design) Render(ctx context.Context, w io.Writer) error { return design(d).Render(ctx, w) }

// Render writes the crumbs.
func (c Crumbs) Render(ctx context.Context, w io.Writer) error { return crumbs(c).Render(ctx, w) }
