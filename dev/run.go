package main

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"
)

// run builds the program and becomes it: signals, standard streams and the exit
// code are then the program's own. Flags of the person go to the program.
func run(ctx context.Context, c *checkout, args []string) error {
	start := time.Now()
	fmt.Println("building bin/ceiba (the first time takes a minute or two) …")
	if err := c.build(ctx); err != nil {
		return err
	}
	fmt.Printf("built in %.1f s\n", time.Since(start).Seconds())
	argv := append([]string{"ceiba", "serve", "--listen", "127.0.0.1:8080", "--data", "./data", "--demo"}, args...)
	if err := os.Chdir(c.root); err != nil {
		return err
	}
	return fmt.Errorf("start bin/ceiba: %w", syscall.Exec(c.path("bin", "ceiba"), argv, c.env))
}
