package source

func jsonKind(text []byte) string                             { return JSON }
func openRecords(f file, o Options, info *Info) (rows, error) { return nil, refuse("todo") }
