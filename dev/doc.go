// Command dev is the developer's tool: everything that is done to Ceiba's
// source, and nothing that Ceiba does. The Makefile's targets are aliases for
// it, for `go run ./dev` works where make is missing.
//
//	go run ./dev run                 build bin/ceiba and start the demonstration
//	go run ./dev build               build bin/ceiba
//	go run ./dev test [--only A,B]   every check, the cheapest first
//	go run ./dev gen                 write generated files: templ, web/dist, docs
//	go run ./dev assets              write web/dist only
//	go run ./dev gate NAME|all [--small]
//	go run ./dev bench [NAME]
//	go run ./dev new NAME            write the folder of a new capability
//
// # Promises
//
// It works in a fresh clone with a clean environment: the build tags, the
// caches and the throw-away PostgreSQL are its own business. What a check needs
// and Debian packages, it installs where the user is root; elsewhere the check
// is skipped, and the last lines say which and why. With CI set nothing may be
// skipped: a check that cannot run has failed.
//
// Whatever it starts, it ends: servers get SIGTERM, and on Linux die with it.
//
// # Limits
//
// It imports the standard library only, so that `make run` never waits for a
// bundler to compile: esbuild lives in dev/bundle, the writer that the
// reliability gates torment in dev/gatewriter, and formatters and linters in
// tools/go.mod, all run as commands. The gates that cut the power need Linux,
// root, mkfs.ext4 and a loop device; the one that takes PostgreSQL away needs
// Linux.
package main
