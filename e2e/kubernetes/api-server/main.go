// Command culvert-test-apiserver runs a real kube-apiserver and a real etcd, together or each alone, for Culvert's
// tests: no container, nothing downloaded but Go modules. See -h.
//
// It is no cluster: there is no controller-manager, so namespaces never finish terminating, nothing is collected,
// and nobody writes EndpointSlices or default ServiceAccounts.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"k8s.io/component-base/version"
)

// stopDeadline bounds a stop: an open watch or a hanging etcd must not keep the process alive.
const stopDeadline = 15 * time.Second

type settings struct {
	dir, host, run, log, renew string
	port                       int
	extra                      []string
}

func main() {
	var s settings
	flag.StringVar(&s.dir, "dir", "", "folder of data, certificates and kubeconfig; the same folder keeps port, data and certificates")
	flag.StringVar(&s.host, "host", "127.0.0.1", "address the API server listens on")
	flag.IntVar(&s.port, "port", 0, "port of the API server; 0 = the one recorded in -dir, else a free one")
	flag.StringVar(&s.run, "run", "all", "all | etcd | apiserver")
	flag.StringVar(&s.log, "log", "", "log file; by default <dir>/server.log, - for standard error")
	flag.StringVar(&s.renew, "renew", "", "serving = a new certificate of the same authority; authority = a new authority and all its certificates")
	withParent := flag.Bool("exit-on-stdin-eof", false, "stop when standard input closes, so that a dead parent leaves nothing behind")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: culvert-test-apiserver -dir DIR [flags] [-- extra kube-apiserver flags]\nPrints one line of JSON when it is ready.")
		flag.PrintDefaults()
	}
	flag.Parse()
	s.extra = flag.Args()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if *withParent {
		go func() { _, _ = io.Copy(io.Discard, os.Stdin); stop() }()
	}
	go func() {
		<-ctx.Done()
		time.Sleep(stopDeadline)
		os.Exit(3)
	}()

	// File descriptor 2 is pointed at the log file below; our own last words still go to the real one.
	stderr := os.Stderr
	if fd, err := syscall.Dup(2); err == nil {
		syscall.CloseOnExec(fd)
		stderr = os.NewFile(uintptr(fd), "stderr")
	}
	if err := start(ctx, s); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "culvert-test-apiserver:", err)
		os.Exit(1)
	}
}

// start runs what was asked for until ctx ends.
func start(ctx context.Context, s settings) error {
	startedAt := time.Now()
	if s.dir == "" {
		return errors.New("-dir is needed")
	}
	dir, err := filepath.Abs(s.dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := redirectLogs(dir, s.log); err != nil {
		return err
	}

	socket := filepath.Join(dir, "etcd.sock")
	if s.run == "all" || s.run == "etcd" {
		etcd, err := startEtcd(dir, socket)
		if err != nil {
			return fmt.Errorf("etcd: %w", err)
		}
		defer etcd.Close()
		if s.run == "etcd" {
			sayReady(startedAt, map[string]any{"etcd": "unix://" + socket})
			select {
			case <-ctx.Done():
				return nil
			case err := <-etcd.Err():
				return err
			}
		}
	}

	api, err := newAPIServer(dir, socket, s)
	if err != nil {
		return err
	}
	ended := api.serve(ctx)
	if err := api.waitReady(ctx, ended); err != nil {
		return err
	}
	sayReady(startedAt, map[string]any{
		"server": api.url, "port": api.port, "kubeconfig": api.kubeconfig, "version": version.Get().GitVersion,
	})
	return <-ended
}

// redirectLogs sends what klog, etcd and the API server write to one file; standard output stays ours.
func redirectLogs(dir, file string) error {
	if file == "-" {
		return nil
	}
	if file == "" {
		file = filepath.Join(dir, "server.log")
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	os.Stderr = f
	return syscall.Dup3(int(f.Fd()), 2, 0)
}

func sayReady(startedAt time.Time, facts map[string]any) {
	facts["ready"] = true
	facts["pid"] = os.Getpid()
	facts["startMs"] = time.Since(startedAt).Milliseconds()
	line, _ := json.Marshal(facts)
	fmt.Printf("%s\n", line)
}
