package spending

// What tests look at.
var (
	Tail        = tail
	Approximate = approximate
	Invoice     = invoice
)
