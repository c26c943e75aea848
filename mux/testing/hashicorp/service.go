package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/hashicorp/yamux"
)

const patternBytes = 65_537

// pattern is what both ends send: a block of prime length, by a linear congruential generator, repeated.
func pattern(seed uint32) []byte {
	block := make([]byte, patternBytes)
	state := seed
	for i := range block {
		state = state*1_664_525 + 1_013_904_223
		block[i] = byte(state >> 24)
	}
	return block
}

func writePattern(to io.Writer, count int, seed uint32) error {
	block := pattern(seed)
	for left := count; left > 0; {
		part := block[:min(left, len(block))]
		if _, err := to.Write(part); err != nil {
			return err
		}
		left -= len(part)
	}
	return nil
}

// serve answers each stream by its first line:
//
//	echo              everything comes back, then the end
//	duplex N SEED     N bytes of the pattern go out while everything is read; then the SHA-256 of what came
//	stall             nothing is ever read or written
func serve(session *yamux.Session) {
	for {
		stream, err := session.AcceptStream()
		if err != nil {
			return
		}
		go func() {
			if err := serveStream(stream); err != nil {
				stream.Close()
			}
		}()
	}
}

func serveStream(stream *yamux.Stream) error {
	reader := bufio.NewReader(stream)
	line, err := reader.ReadString('\n')
	if err != nil {
		return err
	}
	verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch verb {
	case "echo":
		if _, err := io.Copy(stream, reader); err != nil {
			return err
		}
		return stream.Close()
	case "duplex":
		var count int
		var seed uint32
		if _, err := fmt.Sscan(rest, &count, &seed); err != nil {
			return err
		}
		return serveDuplex(stream, reader, count, seed)
	case "stall":
		return nil
	}
	return fmt.Errorf("unknown verb %q", verb)
}

func serveDuplex(stream *yamux.Stream, reader io.Reader, count int, seed uint32) error {
	sent := make(chan error, 1)
	go func() { sent <- writePattern(stream, count, seed) }()
	hash := sha256.New()
	if _, err := io.Copy(hash, reader); err != nil {
		return err
	}
	if err := <-sent; err != nil {
		return err
	}
	if _, err := stream.Write(hash.Sum(nil)); err != nil {
		return err
	}
	return stream.Close()
}

func perform(session *yamux.Session, asked command) (int, error) {
	switch asked.Op {
	case "ping":
		rtt, err := session.Ping()
		return int(rtt.Microseconds()), err
	case "goaway":
		return 0, session.GoAway()
	case "count":
		return session.NumStreams(), nil
	case "open":
		return asked.Streams, parallel(asked.Streams, max(asked.Parallel, 1), func(index int) error {
			if asked.Verb == "echo" {
				return useEcho(session, asked.Bytes, uint32(index))
			}
			return useDuplex(session, asked.Bytes, uint32(index))
		})
	case "half-open":
		stream, err := session.OpenStream()
		if err != nil {
			return 0, err
		}
		if _, err := stream.Write([]byte("stall\n")); err != nil {
			return 0, err
		}
		return int(stream.StreamID()), stream.Close()
	case "expect-reset":
		stream, err := session.OpenStream()
		if err != nil {
			return 0, err
		}
		if _, err := stream.Write([]byte("reset\n")); err != nil {
			return 0, err
		}
		if _, err := io.ReadAll(stream); err != yamux.ErrConnectionReset {
			return 0, fmt.Errorf("%v instead of a reset", err)
		}
		return 0, nil
	}
	return 0, fmt.Errorf("unknown op %q", asked.Op)
}

func parallel(count int, workers int, work func(int) error) error {
	var group sync.WaitGroup
	indexes := make(chan int)
	failures := make(chan error, count)
	for range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			for index := range indexes {
				if err := work(index); err != nil {
					failures <- fmt.Errorf("stream %d: %w", index, err)
				}
			}
		}()
	}
	for index := range count {
		indexes <- index
	}
	close(indexes)
	group.Wait()
	select {
	case err := <-failures:
		return err
	default:
		return nil
	}
}

func useEcho(session *yamux.Session, count int, seed uint32) error {
	stream, err := session.OpenStream()
	if err != nil {
		return err
	}
	defer stream.Close()
	if _, err := stream.Write([]byte("echo\n")); err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() {
		err := writePattern(stream, count, seed)
		if err == nil {
			err = stream.Close()
		}
		sent <- err
	}()
	got, err := io.ReadAll(stream)
	if err != nil {
		return err
	}
	if err := <-sent; err != nil {
		return err
	}
	var want bytes.Buffer
	_ = writePattern(&want, count, seed)
	if !bytes.Equal(got, want.Bytes()) {
		return fmt.Errorf("%d bytes came back, and not those sent", len(got))
	}
	return nil
}

func useDuplex(session *yamux.Session, count int, seed uint32) error {
	stream, err := session.OpenStream()
	if err != nil {
		return err
	}
	defer stream.Close()
	if _, err := fmt.Fprintf(stream, "duplex %d %d\n", count, seed+1); err != nil {
		return err
	}
	own := sha256.New()
	sent := make(chan error, 1)
	go func() {
		err := writePattern(io.MultiWriter(stream, own), count, seed)
		if err == nil {
			err = stream.Close()
		}
		sent <- err
	}()
	theirs, want := sha256.New(), sha256.New()
	if _, err := io.CopyN(theirs, stream, int64(count)); err != nil {
		return err
	}
	_ = writePattern(want, count, seed+1)
	if !bytes.Equal(theirs.Sum(nil), want.Sum(nil)) {
		return fmt.Errorf("wrong bytes arrived")
	}
	digest, err := io.ReadAll(stream)
	if err != nil {
		return err
	}
	if err := <-sent; err != nil {
		return err
	}
	if !bytes.Equal(digest, own.Sum(nil)) {
		return fmt.Errorf("wrong bytes were received by the other end")
	}
	return nil
}
