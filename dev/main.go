package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// A command is one word of the command line.
type command struct {
	name, args, words string
	run               func(ctx context.Context, c *checkout, args []string) error
}

// commands in the order that help shows them.
func commands() []command {
	return []command{
		{"run", "[FLAG…]", "build bin/ceiba and start the demonstration on http://localhost:8080", run},
		{"build", "", "build bin/ceiba", func(ctx context.Context, c *checkout, _ []string) error { return c.build(ctx) }},
		{"test", "[--only STAGE,…]", "every check, the cheapest first", test},
		{"gen", "", "write generated files: templ, web/dist, docs/configuration.md", gen},
		{"assets", "", "write web/dist from web/src", func(ctx context.Context, c *checkout, _ []string) error { return c.assets(ctx) }},
		{"gate", "NAME…|all [--small]", "prove a promise in full: crash-loop, power-cut, disk-full, fuzz, …", gate},
		{"bench", "[NAME…]", "measure the speeds we promise", bench},
		{"new", "NAME", "write the folder of a new capability", newCapability},
	}
}

// errUsage is a mistake in the command line: exit 2.
var errUsage = errors.New("usage")

func main() {
	dieWithParent()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := dispatch(ctx, os.Args[1:])
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "dev:", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		help()
		return nil
	}
	for _, cmd := range commands() {
		if cmd.name == args[0] {
			c, err := open()
			if err != nil {
				return err
			}
			return cmd.run(ctx, c, args[1:])
		}
	}
	return fmt.Errorf("%w: %q is no command; `go run ./dev help` lists them", errUsage, args[0])
}

func help() {
	fmt.Println("Usage: go run ./dev COMMAND")
	fmt.Println()
	for _, cmd := range commands() {
		fmt.Printf("  %-6s %-20s %s\n", cmd.name, cmd.args, cmd.words)
	}
}
