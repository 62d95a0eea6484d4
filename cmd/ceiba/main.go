// Command ceiba is the open-government platform in one program: `ceiba serve`
// serves the site, the other commands run it. `ceiba --help` lists them.
package main

import (
	"os"

	"ceiba/internal/app"
)

func main() { os.Exit(app.Main(os.Args[1:], os.Stdout, os.Stderr)) }
