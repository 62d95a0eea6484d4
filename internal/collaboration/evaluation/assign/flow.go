package assign

import (
	"cmp"
	"container/heap"
	"math"
)

// cost is compared by what it is worth first, and by the seed's number only
// between equals.
type cost struct{ worth, tie int64 }

func (c cost) plus(o cost) cost  { return cost{c.worth + o.worth, c.tie + o.tie} }
func (c cost) minus(o cost) cost { return cost{c.worth - o.worth, c.tie - o.tie} }
func (c cost) compare(o cost) int {
	return cmp.Or(cmp.Compare(c.worth, o.worth), cmp.Compare(c.tie, o.tie))
}

var far = cost{math.MaxInt64 / 4, 0}

// arc is an edge of the flow; its reverse stands beside it, at its number with
// the last bit flipped.
type arc struct {
	to   int
	room int // what can still flow
	cost cost
}

// network is a flow of least cost, from node 0 to node 1.
type network struct {
	arcs []arc
	from [][]int // numbers of the arcs that leave a node
}

const source, sink = 0, 1

func newNetwork() *network { return &network{from: make([][]int, 2)} }

// node adds a node.
func (n *network) node() int {
	n.from = append(n.from, nil)
	return len(n.from) - 1
}

// arc adds an arc of a cost that is not negative, and returns its number.
func (n *network) arc(from, to, room int, c cost) int {
	at := len(n.arcs)
	n.arcs = append(n.arcs, arc{to, room, c}, arc{from, 0, cost{}.minus(c)})
	n.from[from] = append(n.from[from], at)
	n.from[to] = append(n.from[to], at+1)
	return at
}

// used reports whether something flows through an arc.
func (n *network) used(at int) bool { return n.arcs[at^1].room > 0 }

// fill sends as much as can flow, at the least cost, and returns how much. Each
// round finds the cheapest way that is left, by Dijkstra's algorithm on costs
// reduced by potentials, so that none is negative.
func (n *network) fill() (flow int) {
	potential := make([]cost, len(n.from))
	for {
		distance, by := n.cheapest(potential)
		if distance[sink] == far {
			return flow
		}
		for v, d := range distance { // those beyond the sink keep its distance
			if d.compare(distance[sink]) > 0 {
				d = distance[sink]
			}
			potential[v] = potential[v].plus(d)
		}
		for v := sink; v != source; v = n.arcs[by[v]^1].to {
			n.arcs[by[v]].room--
			n.arcs[by[v]^1].room++
		}
		flow++
	}
}

// cheapest returns the distance of nodes up to the sink, and the arc by which
// each is reached.
func (n *network) cheapest(potential []cost) (distance []cost, by []int) {
	distance, by = make([]cost, len(n.from)), make([]int, len(n.from))
	for v := range distance {
		distance[v] = far
	}
	distance[source] = cost{}
	open := &queue{{source, cost{}}}
	for open.Len() > 0 {
		next := heap.Pop(open).(reached)
		if next.distance != distance[next.node] {
			continue
		}
		if next.node == sink {
			break
		}
		for _, at := range n.from[next.node] {
			a := n.arcs[at]
			if a.room == 0 {
				continue
			}
			d := next.distance.plus(a.cost).plus(potential[next.node]).minus(potential[a.to])
			if d.compare(distance[a.to]) < 0 {
				distance[a.to], by[a.to] = d, at
				heap.Push(open, reached{a.to, d})
			}
		}
	}
	return distance, by
}

// reachable are the nodes to which something could still flow from the source.
func (n *network) reachable() []bool {
	out := make([]bool, len(n.from))
	out[source] = true
	for open := []int{source}; len(open) > 0; {
		v := open[len(open)-1]
		open = open[:len(open)-1]
		for _, at := range n.from[v] {
			if a := n.arcs[at]; a.room > 0 && !out[a.to] {
				out[a.to] = true
				open = append(open, a.to)
			}
		}
	}
	return out
}

// reached is a node in the queue.
type reached struct {
	node     int
	distance cost
}

// queue gives the nearest node first, of equals that with the lowest number.
type queue []reached

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return cmp.Or(q[i].distance.compare(q[j].distance), cmp.Compare(q[i].node, q[j].node)) < 0
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push adds a node.
func (q *queue) Push(x any) { *q = append(*q, x.(reached)) }

// Pop takes the last.
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
