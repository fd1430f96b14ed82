package sqlstore

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/hookdesk/hookdesk/executionlog"
)

// Documents, requests and details are kept packed: a byte that says how, and
// the content, compressed where that makes it shorter.
const (
	packedPlain = 0
	packedZstd  = 1
)

// maxUnpacked bounds what a damaged row can make of itself.
const maxUnpacked = 256 << 20

var encoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false), zstd.WithLowerEncoderMem(true))
})

var decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxUnpacked))
})

func pack(content []byte) ([]byte, error) {
	if len(content) >= 64 {
		e, err := encoder()
		if err != nil {
			return nil, fmt.Errorf("start compression: %w", err)
		}
		packed := e.EncodeAll(content, append(make([]byte, 0, len(content)/2+16), packedZstd))
		if len(packed) < len(content) {
			return packed, nil
		}
	}
	return append([]byte{packedPlain}, content...), nil
}

func unpack(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	switch packed[0] {
	case packedPlain:
		return packed[1:], nil
	case packedZstd:
		d, err := decoder()
		if err != nil {
			return nil, fmt.Errorf("start decompression: %w", err)
		}
		content, err := d.DecodeAll(packed[1:], nil)
		if err != nil {
			return nil, fmt.Errorf("decompress content: %w", err)
		}
		return content, nil
	}
	return nil, errors.New("content is packed in an unknown way")
}

// packParts packs several contents as one, so that they share compression.
func packParts(parts ...[]byte) ([]byte, error) {
	size := 0
	for _, part := range parts {
		size += len(part) + binary.MaxVarintLen64
	}
	all := make([]byte, 0, size)
	for _, part := range parts {
		all = binary.AppendUvarint(all, uint64(len(part)))
		all = append(all, part...)
	}
	return pack(all)
}

// unpackParts fills parts with what packParts packed; empty ones are nil.
func unpackParts(packed []byte, parts ...*[]byte) error {
	all, err := unpack(packed)
	if err != nil {
		return err
	}
	for _, part := range parts {
		length, n := binary.Uvarint(all)
		if n <= 0 || length > uint64(len(all)-n) {
			return errors.New("content is cut short")
		}
		if length > 0 {
			*part = all[n : n+int(length) : n+int(length)]
		}
		all = all[n+int(length):]
	}
	return nil
}

// packRequest keeps the body as it is: base64 in JSON would not compress.
func packRequest(r *executionlog.Request) ([]byte, error) {
	head := executionlog.Request{ContentType: r.ContentType, Header: r.Header}
	text, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	return packParts(text, r.Body)
}

func unpackRequest(packed []byte) (*executionlog.Request, error) {
	var head, body []byte
	if err := unpackParts(packed, &head, &body); err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	r := &executionlog.Request{}
	if err := json.Unmarshal(head, r); err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	r.Body = body
	return r, nil
}

func packDetail(d *executionlog.AttemptDetail) ([]byte, error) {
	head := *d
	head.ResponseBody = nil
	text, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("encode detail: %w", err)
	}
	return packParts(text, d.ResponseBody)
}

func unpackDetail(packed []byte) (*executionlog.AttemptDetail, error) {
	var head, body []byte
	if err := unpackParts(packed, &head, &body); err != nil {
		return nil, fmt.Errorf("read detail: %w", err)
	}
	d := &executionlog.AttemptDetail{}
	if err := json.Unmarshal(head, d); err != nil {
		return nil, fmt.Errorf("read detail: %w", err)
	}
	d.ResponseBody = body
	return d, nil
}
