package main

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/hashicorp/yamux"
)

type goldenFrame struct {
	Name     string `json:"name"`
	Type     byte   `json:"type"`
	Flags    uint16 `json:"flags"`
	StreamID uint32 `json:"streamId"`
	Length   uint32 `json:"length"`
	// Hex of the header and the payload.
	Bytes string `json:"bytes"`
}

// printGolden lets the original speak with a scripted peer and writes down each frame it sends. Its go-away over a
// fault is not among them: it loses a race with the closing of its own socket.
func printGolden(to io.Writer) error {
	var frames []goldenFrame
	for _, record := range []func(*[]goldenFrame) error{recordClient, recordServer} {
		if err := record(&frames); err != nil {
			return err
		}
	}
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	return encoder.Encode(frames)
}

func quietConfig(window uint32) *yamux.Config {
	config := yamux.DefaultConfig()
	config.EnableKeepAlive = false
	config.MaxStreamWindowSize = window
	config.StreamCloseTimeout = 50 * time.Millisecond
	config.LogOutput = io.Discard
	return config
}

func readFrame(from net.Conn, name string) (goldenFrame, error) {
	_ = from.SetReadDeadline(time.Now().Add(5 * time.Second))
	header := make([]byte, 12)
	if _, err := io.ReadFull(from, header); err != nil {
		return goldenFrame{}, err
	}
	frame := goldenFrame{
		Name:     name,
		Type:     header[1],
		Flags:    binary.BigEndian.Uint16(header[2:]),
		StreamID: binary.BigEndian.Uint32(header[4:]),
		Length:   binary.BigEndian.Uint32(header[8:]),
	}
	var payload []byte
	if frame.Type == 0 {
		payload = make([]byte, frame.Length)
		if _, err := io.ReadFull(from, payload); err != nil {
			return goldenFrame{}, err
		}
	}
	frame.Bytes = hex.EncodeToString(append(header, payload...))
	return frame, nil
}

func expect(frames *[]goldenFrame, from net.Conn, name string) error {
	frame, err := readFrame(from, name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	*frames = append(*frames, frame)
	return nil
}

func send(to net.Conn, frameType byte, flags uint16, id uint32, length uint32) error {
	header := make([]byte, 12)
	header[1] = frameType
	binary.BigEndian.PutUint16(header[2:], flags)
	binary.BigEndian.PutUint32(header[4:], id)
	binary.BigEndian.PutUint32(header[8:], length)
	_, err := to.Write(header)
	return err
}

func recordClient(frames *[]goldenFrame) error {
	near, far := net.Pipe()
	defer far.Close()
	session, err := yamux.Client(near, quietConfig(1024*1024))
	if err != nil {
		return err
	}
	defer session.Close()
	opened := make(chan *yamux.Stream, 1)
	go func() {
		stream, _ := session.OpenStream()
		opened <- stream
	}()
	if err := expect(frames, far, "client opens a stream with a window of 1 MiB"); err != nil {
		return err
	}
	stream := <-opened
	if err := send(far, 1, 2, stream.StreamID(), 0); err != nil {
		return err
	}
	go func() { _, _ = stream.Write([]byte("hello")) }()
	if err := expect(frames, far, "client sends data"); err != nil {
		return err
	}
	go func() { _ = stream.Close() }()
	if err := expect(frames, far, "client half-closes"); err != nil {
		return err
	}
	if err := expect(frames, far, "client resets after the close timeout"); err != nil {
		return err
	}
	go func() { _, _ = session.Ping() }()
	if err := expect(frames, far, "client pings"); err != nil {
		return err
	}
	if err := send(far, 2, 1, 0, 0xdeadbeef); err != nil {
		return err
	}
	if err := expect(frames, far, "client answers a ping"); err != nil {
		return err
	}
	go func() { _ = session.GoAway() }()
	if err := expect(frames, far, "client goes away"); err != nil {
		return err
	}
	if err := send(far, 1, 1, 2, 0); err != nil {
		return err
	}
	return expect(frames, far, "client refuses a stream after going away")
}

func recordServer(frames *[]goldenFrame) error {
	near, far := net.Pipe()
	defer far.Close()
	session, err := yamux.Server(near, quietConfig(256*1024))
	if err != nil {
		return err
	}
	defer session.Close()
	go func() { _, _ = session.OpenStream() }()
	if err := expect(frames, far, "server opens a stream with the initial window"); err != nil {
		return err
	}
	accepted := make(chan *yamux.Stream, 1)
	go func() {
		stream, _ := session.AcceptStream()
		accepted <- stream
	}()
	if err := send(far, 1, 1, 1, 0); err != nil {
		return err
	}
	if err := expect(frames, far, "server acknowledges a stream"); err != nil {
		return err
	}
	stream := <-accepted
	const half = 128 * 1024
	go func() {
		_ = send(far, 0, 0, 1, half)
		_, _ = far.Write(make([]byte, half))
	}()
	go func() { _, _ = io.ReadFull(stream, make([]byte, half)) }()
	return expect(frames, far, "server returns credit for half its window")
}
