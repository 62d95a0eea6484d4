package build

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	duck "github.com/duckdb/duckdb-go/v2/mapping"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/stored"
)

// loader appends batches to the table "rows" of a new DuckDB file. It speaks
// DuckDB's C interface, because whole vectors cost a tenth of the driver's row
// by row appender (see BenchmarkLoad).
type loader struct {
	db    duck.Database
	conn  duck.Connection
	app   duck.Appender
	types []duck.LogicalType
	chunk duck.DataChunk
	open  bool
}

func newLoader(path, create string, shape []table.Form, lim stored.Limits) (*loader, error) {
	l := &loader{}
	if err := l.connect(path, lim); err != nil {
		l.close()
		return nil, err
	}
	for _, q := range []string{create, "BEGIN TRANSACTION"} {
		if err := l.exec(q); err != nil {
			l.close()
			return nil, err
		}
	}
	if duck.AppenderCreate(l.conn, "", "rows", &l.app) == duck.StateError {
		err := fmt.Errorf("open appender: %s", duck.AppenderError(l.app))
		l.close()
		return nil, err
	}
	for _, f := range append([]table.Form{table.FormInt}, shape...) {
		l.types = append(l.types, duck.CreateLogicalType(logical[f]))
	}
	l.chunk = duck.CreateDataChunk(l.types)
	l.open = true
	return l, nil
}

var logical = [...]duck.Type{
	table.FormText: duck.TypeVarchar, table.FormInt: duck.TypeBigInt, table.FormFloat: duck.TypeDouble, table.FormBool: duck.TypeBoolean,
	table.FormDate: duck.TypeDate, table.FormStamp: duck.TypeTimestamp, table.FormTime: duck.TypeTime,
}

func (l *loader) connect(path string, lim stored.Limits) error {
	var cfg duck.Config
	if duck.CreateConfig(&cfg) == duck.StateError {
		return fmt.Errorf("configure duckdb")
	}
	defer duck.DestroyConfig(&cfg)
	for _, kv := range [][2]string{
		{"threads", fmt.Sprint(lim.Threads)},
		{"memory_limit", fmt.Sprintf("%dMB", lim.MemoryMB)},
		{"temp_directory", lim.Temp},
		{"autoinstall_known_extensions", "false"},
		{"autoload_known_extensions", "false"},
	} {
		if duck.SetConfig(cfg, kv[0], kv[1]) == duck.StateError {
			return fmt.Errorf("configure duckdb: %s", kv[0])
		}
	}
	var msg string
	if duck.OpenExt(path, &l.db, cfg, &msg) == duck.StateError {
		return fmt.Errorf("create duckdb file: %s", msg)
	}
	if duck.Connect(l.db, &l.conn) == duck.StateError {
		return fmt.Errorf("connect to duckdb")
	}
	return nil
}

func (l *loader) exec(q string) error {
	var res duck.Result
	state := duck.Query(l.conn, q, &res)
	defer duck.DestroyResult(&res)
	if state == duck.StateError {
		return fmt.Errorf("%s: %s", stored.Verb(q), duck.ResultError(&res))
	}
	return nil
}

// append copies a batch into DuckDB.
func (l *loader) append(b *batch) error {
	duck.DataChunkReset(l.chunk)
	ids := unsafe.Slice((*int64)(duck.VectorGetData(duck.DataChunkGetVector(l.chunk, 0))), batchRows)
	for n := range b.rows {
		ids[n] = b.first + int64(n)
	}
	for i := range b.cols {
		b.cols[i].fill(duck.DataChunkGetVector(l.chunk, duck.IdxT(i+1)), b.rows)
	}
	duck.DataChunkSetSize(l.chunk, duck.IdxT(b.rows))
	if duck.AppendDataChunk(l.app, l.chunk) == duck.StateError {
		return fmt.Errorf("append rows: %s", duck.AppenderError(l.app))
	}
	return nil
}

// fill copies n rows to a DuckDB vector.
func (v *vector) fill(to duck.Vector, n int) {
	data := duck.VectorGetData(to)
	switch v.form {
	case table.FormText:
		v.fillText(to, data, n)
	case table.FormFloat:
		copy(unsafe.Slice((*float64)(data), n), v.floats)
	case table.FormBool:
		out := unsafe.Slice((*uint8)(data), n)
		for i := range n {
			out[i] = uint8(v.ints[i])
		}
	case table.FormDate:
		out := unsafe.Slice((*int32)(data), n)
		for i := range n {
			out[i] = int32(v.ints[i])
		}
	default:
		copy(unsafe.Slice((*int64)(data), n), v.ints)
	}
	var mask []uint64
	for i := range n {
		if !v.valid[i] {
			if mask == nil {
				duck.VectorEnsureValidityWritable(to)
				mask = unsafe.Slice((*uint64)(duck.VectorGetValidity(to)), batchRows/64)
			}
			mask[i/64] &^= 1 << (i % 64)
		}
	}
}

// fillText writes strings of up to 12 bytes straight into the vector, as
// duckdb_string_t lays them out; longer ones are copied by DuckDB.
func (v *vector) fillText(to duck.Vector, data unsafe.Pointer, n int) {
	out := unsafe.Slice((*[16]byte)(data), n)
	for i := range n {
		s := v.textAt(i)
		if len(s) > 12 {
			duck.VectorAssignStringElementLen(to, duck.IdxT(i), s)
			continue
		}
		out[i] = [16]byte{}
		binary.NativeEndian.PutUint32(out[i][:4], uint32(len(s)))
		copy(out[i][4:], s)
	}
}

// finish makes the rows durable in the file.
func (l *loader) finish() error {
	if duck.AppenderClose(l.app) == duck.StateError {
		return fmt.Errorf("flush rows: %s", duck.AppenderError(l.app))
	}
	if err := l.exec("COMMIT"); err != nil {
		return err
	}
	return l.exec("CHECKPOINT")
}

// close frees everything, whether or not finish was called.
func (l *loader) close() {
	if l.open {
		duck.DestroyDataChunk(&l.chunk)
		for i := range l.types {
			duck.DestroyLogicalType(&l.types[i])
		}
		duck.AppenderDestroy(&l.app)
	}
	duck.Disconnect(&l.conn)
	duck.Close(&l.db)
}
