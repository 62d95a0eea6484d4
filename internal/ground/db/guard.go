package db

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// ErrInUse is returned by Open when another process has the SQLite file.
var ErrInUse = errors.New("another Ceiba process is using this database")

// networkFS names file systems on which SQLite's WAL is unsafe, by the magic
// number that statfs gives (linux/magic.h).
var networkFS = map[int64]string{
	0x6969: "NFS", 0x517b: "SMB", 0xff534d42: "CIFS", 0xfe534d42: "SMB2", 0x5346414f: "AFS",
	0x01021997: "9P", 0x00c36400: "Ceph", 0x47504653: "GPFS", 0x0bd00bd0: "Lustre", 0x013111a8: "IBRIX",
}

// refuseNetworkFS returns an error in words if dir is on a network file
// system, where two machines would corrupt the file between them.
func refuseNetworkFS(dir string) error {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return fmt.Errorf("look at the data folder: %w", err)
	}
	name, bad := networkFS[int64(st.Type)&0xffffffff]
	if !bad && st.Type == 0x65735546 { // FUSE: local or remote, the mount table knows
		name, bad = fuseRemote(dir)
	}
	if bad {
		return fmt.Errorf("the data folder %s is on a network file system (%s), where SQLite is not safe: "+
			"choose a folder on a local disk with --data, or use PostgreSQL with --database", dir, name)
	}
	return nil
}

func fuseRemote(dir string) (string, bool) {
	table, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return "", false
	}
	best, kind := "", ""
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line)
		if len(f) > 2 && strings.HasPrefix(dir+"/", strings.TrimSuffix(f[1], "/")+"/") && len(f[1]) >= len(best) {
			best, kind = f[1], f[2]
		}
	}
	for _, remote := range []string{"sshfs", "s3fs", "rclone", "gcsfuse", "glusterfs", "ceph", "goofys", "davfs"} {
		if strings.Contains(kind, remote) {
			return kind, true
		}
	}
	return "", false
}

// lockFile is held as long as the process has the database open. The kernel
// gives it up when the process dies, however it dies.
type lockFile struct{ f *os.File }

func lockDatabase(path string) (*lockFile, error) {
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		who, _ := os.ReadFile(path + ".lock")
		f.Close()
		return nil, fmt.Errorf("%w (%s, process %s): stop it first, or give this one another --data folder",
			ErrInUse, path, strings.TrimSpace(string(who)))
	}
	if err := f.Truncate(0); err == nil {
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return &lockFile{f}, nil
}

func (l *lockFile) release() error { return l.f.Close() }
