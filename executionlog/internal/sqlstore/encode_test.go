package sqlstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/executionlog"
)

func TestPackedPartsComeBack(t *testing.T) {
	for name, parts := range map[string][][]byte{
		"empty":        {nil, nil},
		"short":        {[]byte("a"), nil, []byte("b")},
		"compressible": {bytes.Repeat([]byte("text "), 500), []byte("{}")},
		"binary":       {{0, 1, 2, 255}, bytes.Repeat([]byte{0}, 100)},
	} {
		packed, err := packParts(parts...)
		if err != nil {
			t.Fatal(err)
		}
		got := make([][]byte, len(parts))
		targets := make([]*[]byte, len(parts))
		for i := range got {
			targets[i] = &got[i]
		}
		if err := unpackParts(packed, targets...); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(parts, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	long, err := pack([]byte(strings.Repeat("the same again ", 100)))
	if err != nil || len(long) > 100 {
		t.Errorf("1,500 repetitive bytes take %d, %v", len(long), err)
	}
}

// The dictionary is part of the format of every ledger there is.
func TestDictionaryIsAsReleased(t *testing.T) {
	const released = "8f7c6751b75c04a5489f9e2bbc5083157d528a77b2256a778bf647cb164f1287"
	if got := fmt.Sprintf("%x", sha256.Sum256(dictionary1)); got != released {
		t.Errorf("dictionary 1 has the hash %s, want %s: ledgers that exist could not be read; make a new dictionary instead", got, released)
	}
}

// Contents of either length, and those that were packed before there was a
// dictionary, come back.
func TestPackedContentOfAnyLength(t *testing.T) {
	for _, length := range []int{0, 1, worthPacking - 1, worthPacking, 1000, longContent - 1, longContent, longContent + 1, 1 << 20} {
		for name, content := range map[string][]byte{
			"text":  bytes.Repeat([]byte(`{"number":"A-1","subject":"Printer"}`), length/36+1)[:length],
			"noise": noise(length),
		} {
			packed, err := pack(content)
			if err != nil {
				t.Fatal(err)
			}
			got, err := unpack(packed)
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes of %s come back as %d, %v", length, name, len(got), err)
			}
		}
	}
	e, err := encoder()
	if err != nil {
		t.Fatal(err)
	}
	const released = "0255307b226e756d626572223a22412d367a231c5072696e74657222263214461e230e7323150008047d7d"
	packed, err := hex.DecodeString(released)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"number":"A-1","subject":"Printer","status":{"id":"1","name":"Open","state":"open"}}`
	if got, err := unpack(packed); string(got) != want || err != nil {
		t.Errorf("a content packed by an earlier version comes back as %q, %v", got, err)
	}
	old := e.EncodeAll([]byte("as it was"), []byte{packedZstd})
	if got, err := unpack(old); string(got) != "as it was" || err != nil {
		t.Errorf("a content packed with zstd comes back as %q, %v", got, err)
	}
}

func noise(length int) []byte {
	content := make([]byte, length)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(content)
	return content
}

// BenchmarkPack packs a request of an ordinary size.
func BenchmarkPack(b *testing.B) {
	content := bytes.Repeat([]byte(`{"event":"ticket_created","ticket":{"creator_id":21,"user_id":21,"help_topic_id":0,"dept_id":1,"ticket_number":"B-17"},`+
		`"requester":{"id":21,"first_name":"Ann","last_name":"Example","email":"ann@example.com"}}`), 6)
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pack(content); err != nil {
			b.Fatal(err)
		}
	}
}

func TestPackedRequestAndDetail(t *testing.T) {
	request := &executionlog.Request{ContentType: "a/b", Header: []executionlog.Header{{Name: "X", Value: "<&>"}}, Body: []byte("\x00\xff")}
	packed, err := packRequest(request)
	if err != nil {
		t.Fatal(err)
	}
	got, err := unpackRequest(packed)
	if diff := cmp.Diff(request, got); err != nil || diff != "" {
		t.Errorf("request: %v (-want +got):\n%s", err, diff)
	}
	detail := &executionlog.AttemptDetail{
		Method: "POST", URL: "https://receiver.example/?a=1&b=2", RequestHeader: request.Header, ResponseBody: []byte("\xfe"), Truncated: true,
		Timings: executionlog.Timings{DNS: 1, Total: 1 << 40}, Node: 3,
	}
	if packed, err = packDetail(detail); err != nil {
		t.Fatal(err)
	}
	gotDetail, err := unpackDetail(packed)
	if diff := cmp.Diff(detail, gotDetail); err != nil || diff != "" {
		t.Errorf("detail: %v (-want +got):\n%s", err, diff)
	}
}

// FuzzUnpack reads damaged contents: an error, or parts, but no more.
func FuzzUnpack(f *testing.F) {
	whole, err := packParts([]byte(`{"content_type":"a/b"}`), bytes.Repeat([]byte("body "), 50))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte{packedPlain, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{packedZstd, 1, 2, 3})
	f.Add([]byte{packedS2, 0xff, 0xff, 0xff, 0xff, 0x0f, 1})
	f.Add([]byte{packedS2, 4, 0xfe, 1, 2})
	f.Add([]byte{9})
	f.Fuzz(func(t *testing.T, packed []byte) {
		if r, err := unpackRequest(packed); err == nil && r == nil {
			t.Fatal("neither a request nor an error")
		}
		var first, second []byte
		if unpackParts(packed, &first, &second) == nil && len(packed) > 0 && packed[0] == packedPlain && len(first)+len(second) > len(packed) {
			t.Fatal("more came out than went in")
		}
	})
}

func TestSpansCoverEveryMicrosecondOnce(t *testing.T) {
	const h = hour * second
	for _, test := range []struct{ low, high int64 }{
		{0, 0}, {5, 6}, {1, h}, {h, 2 * h}, {h - 1, 3*h + 1}, {h / 2, h/2 + 1}, {59 * second, 61 * second}, {7, 100*h + 12345678},
	} {
		for _, steps := range [][2]int64{{minute, minute}, {hour, minute}, {hour, hour}} {
			widest, finest := steps[0], steps[1]
			at := test.low
			for _, s := range spans(test.low, test.high, widest, finest) {
				if s.low != at || s.high <= s.low {
					t.Fatalf("%d to %d: span %+v begins elsewhere than at %d", test.low, test.high, s, at)
				}
				if width := s.step * second; width > 0 && (s.low%width != 0 || s.high%width != 0 || s.step > widest || s.step < finest) {
					t.Fatalf("%d to %d: span %+v is not whole", test.low, test.high, s)
				}
				at = s.high
			}
			if at != max(test.low, test.high) {
				t.Fatalf("%d to %d: spans end at %d", test.low, test.high, at)
			}
		}
	}
}
