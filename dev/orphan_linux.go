package main

import "syscall"

// orphanProof makes a child die when dev does, however dev died.
func orphanProof() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}

// dieWithParent asks for SIGTERM when `go run` dies: it passes on no signals.
func dieWithParent() {
	const prSetPdeathsig = 1
	syscall.RawSyscall(syscall.SYS_PRCTL, prSetPdeathsig, uintptr(syscall.SIGTERM), 0)
}
