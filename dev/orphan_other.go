//go:build !linux

package main

import "syscall"

// orphanProof has no equivalent here; dev ends its children by signal.
func orphanProof() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// dieWithParent has no equivalent here.
func dieWithParent() {}
