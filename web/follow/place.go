package follow

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// placeRows is how many rows a place names, at most.
const placeRows = 64

// place is how far a reader of the stream has come. It is the id of each
// event, so that any process can go on behind the last one that the reader
// got. Attempts end, and are recorded, in another order than they are sent;
// so a place names those sent last, and knows of the others when they ended.
type place struct {
	floor time.Time // what ended by then was sent, or was there before
	sent  []sentRow // what ended later and was sent
}

// sentRow is a row that was sent: a hash of its id, and when it ended.
type sentRow struct {
	hash  uint32
	ended time.Time // zero in a place that was read, until it is met
}

func hashOf(attempt string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(attempt)) // never fails
	return h.Sum32()
}

// add notes a row that is sent.
func (p *place) add(attempt string, ended time.Time) {
	if !ended.After(p.floor) {
		return
	}
	p.sent = append(p.sent, sentRow{hashOf(attempt), ended})
	if len(p.sent) > placeRows {
		oldest := slices.MinFunc(p.sent, func(a, b sentRow) int { return cmp.Compare(a.ended.UnixMicro(), b.ended.UnixMicro()) })
		p.raise(oldest.ended)
	}
}

// raise says that all that ended by a time was sent.
func (p *place) raise(to time.Time) {
	if to.After(p.floor) {
		p.floor = to
		p.sent = slices.DeleteFunc(p.sent, func(s sentRow) bool { return !s.ended.After(to) })
	}
}

// meet says whether a row was sent before, and notes when it ended: a place
// that was read does not know.
func (p *place) meet(attempt string, ended time.Time) bool {
	if !ended.After(p.floor) {
		return true
	}
	hash := hashOf(attempt)
	for i := range p.sent {
		if p.sent[i].hash == hash {
			p.sent[i].ended = ended
			return true
		}
	}
	return false
}

// settle forgets the rows that were not met.
func (p *place) settle() {
	p.sent = slices.DeleteFunc(p.sent, func(s sentRow) bool { return s.ended.IsZero() })
}

// idBehind returns the id of an event: a name, which is the attempt's for a
// row, and the place behind it.
func (p *place) idBehind(name string) string {
	data := binary.BigEndian.AppendUint64(nil, uint64(p.floor.UnixMicro()))
	for _, s := range p.sent {
		data = binary.BigEndian.AppendUint32(data, s.hash)
	}
	return name + "." + base64.RawURLEncoding.EncodeToString(data)
}

// PlaceBehind is the id with which a stream goes on behind a page of the log
// that somebody read at some time: its rows, newest first, and none that came
// before those.
func PlaceBehind(rows []*executionlog.Attempt, at time.Time) string {
	p := place{floor: at.Add(-late)}
	if n := len(rows); n > 0 && rows[n-1].At.After(p.floor) {
		p.floor = rows[n-1].At
	}
	for _, row := range rows {
		p.add(row.ID, row.At.Add(row.Duration))
	}
	return p.idBehind("place")
}

// parsePlace reads the place in an event's id.
func parsePlace(id string) (p place, ok bool) {
	_, text, _ := strings.Cut(id, ".")
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(data) < 8 || len(data)%4 != 0 || len(data) > 8+4*placeRows {
		return place{}, false
	}
	p.floor = time.UnixMicro(int64(binary.BigEndian.Uint64(data))).UTC()
	for rest := data[8:]; len(rest) > 0; rest = rest[4:] {
		p.sent = append(p.sent, sentRow{hash: binary.BigEndian.Uint32(rest)})
	}
	return p, true
}
