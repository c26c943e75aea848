package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/client-go/rest"
	basecompatibility "k8s.io/component-base/compatibility"
	"k8s.io/component-base/logs"
	logsapi "k8s.io/component-base/logs/api/v1"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

const (
	readyDeadline = 120 * time.Second
	readyInterval = 50 * time.Millisecond
	readyTimeout  = 5 * time.Second
)

type apiServer struct {
	listener        net.Listener
	args            []string
	url, kubeconfig string
	port            int
	admin           credentials
}

// newAPIServer takes the port first, so that nobody else gets it, and writes what the server and its clients need.
func newAPIServer(dir, etcdSocket string, s settings) (*apiServer, error) {
	listener, port, err := listen(dir, s)
	if err != nil {
		return nil, err
	}
	pki := filepath.Join(dir, "pki")
	admin, err := ensureCertificates(pki, s.host, s.renew)
	if err != nil {
		return nil, fmt.Errorf("certificates: %w", err)
	}
	api := &apiServer{
		listener:   listener,
		url:        "https://" + net.JoinHostPort(s.host, strconv.Itoa(port)),
		kubeconfig: filepath.Join(dir, "kubeconfig"),
		port:       port,
		admin:      admin,
	}
	if err := writeKubeconfig(api.kubeconfig, api.url, admin); err != nil {
		return nil, err
	}
	api.args = append([]string{
		"--etcd-servers=unix://" + etcdSocket,
		"--bind-address=" + s.host,
		"--secure-port=" + strconv.Itoa(port),
		"--tls-cert-file=" + filepath.Join(pki, "apiserver.crt"),
		"--tls-private-key-file=" + filepath.Join(pki, "apiserver.key"),
		"--client-ca-file=" + filepath.Join(pki, "ca.crt"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + filepath.Join(pki, "sa.pub"),
		"--service-account-signing-key-file=" + filepath.Join(pki, "sa.key"),
		"--authorization-mode=RBAC",
		"--service-cluster-ip-range=10.96.0.0/16",
		// Without these two the server wants a default route to find the address that it advertises.
		"--advertise-address=203.0.113.1",
		"--endpoint-reconciler-type=none",
		// Nobody here makes the ServiceAccount "default", which this plugin wants every pod to have.
		"--disable-admission-plugins=ServiceAccount",
		"--profiling=false",
		// Without this an open watch keeps a server that was told to stop alive for half a minute.
		"--shutdown-watch-termination-grace-period=1s",
	}, s.extra...)
	return api, nil
}

// listen keeps the port in a file, so that a restart gets the same one.
func listen(dir string, s settings) (net.Listener, int, error) {
	file := filepath.Join(dir, "port")
	port := s.port
	if port == 0 {
		if text, err := os.ReadFile(file); err == nil {
			port, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		}
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(s.host, strconv.Itoa(port)))
	if err != nil {
		return nil, 0, err
	}
	port = listener.Addr().(*net.TCPAddr).Port
	return listener, port, os.WriteFile(file, []byte(strconv.Itoa(port)+"\n"), 0o600)
}

// serve is the body of kube-apiserver's own command, on our listener.
func (a *apiServer) serve(ctx context.Context) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- a.run(ctx) }()
	return ended
}

func (a *apiServer) run(ctx context.Context) error {
	s := options.NewServerRunOptions()
	s.SecureServing.Listener = a.listener
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	named := s.Flags()
	for _, set := range named.FlagSets {
		flags.AddFlagSet(set)
	}
	if err := flags.Parse(a.args); err != nil {
		return err
	}
	registry := s.GenericServerRunOptions.ComponentGlobalsRegistry
	if err := registry.Set(); err != nil {
		return err
	}
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	logs.InitLogs()
	defer logs.FlushLogs()
	if err := logsapi.ValidateAndApply(s.Logs, registry.FeatureGateFor(basecompatibility.DefaultKubeComponent)); err != nil {
		return err
	}
	completed, err := s.Complete(ctx)
	if err != nil {
		return err
	}
	if errs := completed.Validate(); len(errs) != 0 {
		return utilerrors.NewAggregate(errs)
	}
	return app.Run(ctx, completed)
}

// waitReady asks /readyz as the administrator until it says yes.
func (a *apiServer) waitReady(ctx context.Context, ended <-chan error) error {
	pair, err := tls.X509KeyPair(a.admin.certificate, a.admin.key)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(a.admin.authority)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: readyTimeout}
	deadline := time.After(readyDeadline)
	for {
		answer := askReady(client, a.url)
		if answer == "" {
			return nil
		}
		select {
		case err := <-ended:
			if err == nil {
				err = errors.New("the API server stopped before it was ready")
			}
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline:
			return fmt.Errorf("not ready in time: %s", answer)
		case <-time.After(readyInterval):
		}
	}
}

// askReady returns why the server is not ready; empty when it is.
func askReady(client *http.Client, url string) string {
	response, err := client.Get(url + "/readyz")
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return ""
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
	return response.Status + " " + string(body)
}
