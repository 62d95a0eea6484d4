// Package sheet reads the sheets of an XLSX workbook as records: it chooses the
// sheet, fills merged cells, turns the serial numbers of dates into ISO 8601
// text and reports errors of formulas. What is header and what is row, package
// grid decides.
//
// The parts are read by a small scanner of its own and streamed, as excelize
// holds a sheet in memory; the tests compare the two. The strings that cells
// share are held, up to a limit. Parts that inflate without end are refused
// before they are inflated.
package sheet
