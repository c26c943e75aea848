// A peer for the conformance tests of mux/: the original yamux on the other end of a TCP socket.
//
//	hashicorp golden                                 prints frames of the original as JSON
//	hashicorp peer -addr HOST:PORT -role client|server [-window BYTES] [-close-timeout MS]
//
// A peer serves every stream that the other end opens, by the first line it sends (see service.go), and does what
// JSON lines on standard input ask for, answering each with one JSON line. It ends when standard input does.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/hashicorp/yamux"
)

type command struct {
	Op       string `json:"op"`
	Verb     string `json:"verb"`
	Streams  int    `json:"streams"`
	Bytes    int    `json:"bytes"`
	Parallel int    `json:"parallel"`
}

type answer struct {
	Op    string `json:"op"`
	Error string `json:"error,omitempty"`
	Value int    `json:"value"`
}

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("golden or peer?"))
	}
	switch os.Args[1] {
	case "golden":
		fail(printGolden(os.Stdout))
	case "peer":
		fail(runPeer(os.Args[2:]))
	default:
		fail(fmt.Errorf("unknown command %q", os.Args[1]))
	}
}

func fail(err error) {
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func runPeer(args []string) error {
	flags := flag.NewFlagSet("peer", flag.ExitOnError)
	addr := flags.String("addr", "", "where the other end listens")
	role := flags.String("role", "", "client or server")
	window := flags.Uint("window", 256*1024, "receive window of a stream, bytes")
	closeTimeout := flags.Int("close-timeout", 300_000, "until a half-closed stream is reset, milliseconds")
	if err := flags.Parse(args); err != nil {
		return err
	}
	conn, err := net.Dial("tcp", *addr)
	if err != nil {
		return err
	}
	config := yamux.DefaultConfig()
	config.MaxStreamWindowSize = uint32(*window)
	config.StreamCloseTimeout = time.Duration(*closeTimeout) * time.Millisecond
	config.ConnectionWriteTimeout = 30 * time.Second
	session, err := newSession(*role, conn, config)
	if err != nil {
		return err
	}
	go serve(session)
	return obey(session, os.Stdin, json.NewEncoder(os.Stdout))
}

func newSession(role string, conn net.Conn, config *yamux.Config) (*yamux.Session, error) {
	switch role {
	case "client":
		return yamux.Client(conn, config)
	case "server":
		return yamux.Server(conn, config)
	}
	return nil, fmt.Errorf("unknown role %q", role)
}

func obey(session *yamux.Session, input io.Reader, output *json.Encoder) error {
	lines := bufio.NewScanner(input)
	for lines.Scan() {
		var asked command
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		value, err := perform(session, asked)
		reply := answer{Op: asked.Op, Value: value}
		if err != nil {
			reply.Error = err.Error()
		}
		if err := output.Encode(reply); err != nil {
			return err
		}
	}
	session.Close()
	return lines.Err()
}
