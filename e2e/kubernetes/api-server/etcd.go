package main

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

const etcdReadyDeadline = 60 * time.Second

// startEtcd runs etcd on unix sockets, with its data under dir.
func startEtcd(dir, socket string) (*embed.Etcd, error) {
	peer := filepath.Join(dir, "etcd-peer.sock")
	for _, path := range []string{socket, peer} {
		_ = os.Remove(path) // Left by a killed process.
	}
	unix := func(path string) []url.URL { return []url.URL{{Scheme: "unix", Path: path}} }
	cfg := embed.NewConfig()
	cfg.Name = "test"
	cfg.Dir = filepath.Join(dir, "etcd")
	cfg.ListenClientUrls, cfg.ListenPeerUrls = unix(socket), unix(peer)
	// etcd refuses to advertise unix sockets. Nothing connects to what it advertises.
	nowhere := []url.URL{{Scheme: "http", Host: "127.0.0.111:0"}}
	cfg.AdvertiseClientUrls, cfg.AdvertisePeerUrls = nowhere, nowhere
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)
	cfg.LogLevel = "warn"
	cfg.WarningUnaryRequestDuration = 2 * time.Second // 0, the default here, logs every request.
	cfg.LogOutputs = []string{"stderr"}
	cfg.UnsafeNoFsync = true // Survives a killed process, not a crashed machine.
	etcd, err := embed.StartEtcd(cfg)
	if err != nil {
		return nil, err
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return etcd, nil
	case err := <-etcd.Err():
		etcd.Close()
		return nil, err
	case <-time.After(etcdReadyDeadline):
		etcd.Close()
		return nil, errors.New("not ready in time")
	}
}
