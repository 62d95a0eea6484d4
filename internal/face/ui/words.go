package ui

import (
	"context"
	"embed"

	"ceiba/internal/service/i18n"
)

// Words are the sentences that belong to the components themselves.
//
//go:embed locale/*.json
var Words embed.FS

// t is the sentence of "ui."+key; templates use it for the components' words.
func t(ctx context.Context, key string, args ...any) string {
	return i18n.T(ctx, "ui."+key, args...)
}

// n is the sentence of "ui."+key in the plural form of count.
func n(ctx context.Context, key string, count int, args ...any) string {
	return i18n.N(ctx, "ui."+key, count, args...)
}
