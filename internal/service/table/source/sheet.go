package source

func openSheet(f file, o Options, info *Info) (rows, error) { return nil, refuse("todo") }
