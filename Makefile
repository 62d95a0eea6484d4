# Aliases for the developer's tool, which works without make too: go run ./dev help

export HOME ?= $(shell getent passwd "$$(id -u)" | cut -d: -f6)
DEV = @command -v go >/dev/null || { echo "Go 1.26 is missing: install it and put it in PATH" >&2; exit 1; }; exec go run ./dev

.PHONY: run build test gen assets gate bench
run: ; $(DEV) run
build: ; $(DEV) build
test: ; $(DEV) test
gen: ; $(DEV) gen
assets: ; $(DEV) assets
gate: ; $(DEV) gate all
bench: ; $(DEV) bench
