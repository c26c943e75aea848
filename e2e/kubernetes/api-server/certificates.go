package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// credentials of the administrator, PEM.
type credentials struct{ authority, certificate, key []byte }

// ensureCertificates makes what is missing in the folder, and again what is to be renewed.
func ensureCertificates(folder, host, renew string) (credentials, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return credentials{}, err
	}
	p := pki{folder: folder, host: host}
	_, err := os.Stat(filepath.Join(folder, "complete"))
	isNew := os.IsNotExist(err)
	switch {
	case isNew || renew == "authority":
		if err := p.makeAuthority(); err != nil {
			return credentials{}, err
		}
	case renew == "serving":
		if err := p.makeServing(); err != nil {
			return credentials{}, err
		}
	case renew != "":
		return credentials{}, fmt.Errorf("-renew takes serving or authority, not %s", renew)
	}
	if isNew {
		// The key that signs tokens outlives every renewal.
		if err := p.makeTokenKey(); err != nil {
			return credentials{}, err
		}
		if err := os.WriteFile(filepath.Join(folder, "complete"), []byte("1\n"), 0o600); err != nil {
			return credentials{}, err
		}
	}
	return credentials{authority: p.read("ca.crt"), certificate: p.read("admin.crt"), key: p.read("admin.key")}, nil
}

type pki struct{ folder, host string }

func (p pki) read(name string) []byte {
	bytes, _ := os.ReadFile(filepath.Join(p.folder, name))
	return bytes
}

func (p pki) write(name, kind string, der []byte) error {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	return os.WriteFile(filepath.Join(p.folder, name), text, 0o600)
}

func (p pki) makeKey(name string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, p.write(name+".key", "EC PRIVATE KEY", der)
}

func template(name string, groups ...string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	return &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: name, Organization: groups},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().AddDate(1, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
	}
}

// makeAuthority makes a new authority and every certificate below it.
func (p pki) makeAuthority() error {
	key, err := p.makeKey("ca")
	if err != nil {
		return err
	}
	authority := template("culvert-test-authority")
	authority.IsCA, authority.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, authority, authority, &key.PublicKey, key)
	if err != nil {
		return err
	}
	if err := p.write("ca.crt", "CERTIFICATE", der); err != nil {
		return err
	}
	admin := template("admin", "system:masters")
	admin.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if err := p.makeLeaf("admin", admin); err != nil {
		return err
	}
	return p.makeServing()
}

func (p pki) makeServing() error {
	serving := template("kube-apiserver")
	serving.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	serving.DNSNames = []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"}
	serving.IPAddresses = []net.IP{net.ParseIP("127.0.0.1"), net.ParseIP("::1"), net.ParseIP("10.96.0.1")}
	if ip := net.ParseIP(p.host); ip != nil && !ip.IsLoopback() {
		serving.IPAddresses = append(serving.IPAddresses, ip)
	}
	return p.makeLeaf("apiserver", serving)
}

// makeLeaf signs with the authority in the folder.
func (p pki) makeLeaf(name string, leaf *x509.Certificate) error {
	authority, authorityKey, err := p.loadAuthority()
	if err != nil {
		return err
	}
	key, err := p.makeKey(name)
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, authority, &key.PublicKey, authorityKey)
	if err != nil {
		return err
	}
	return p.write(name+".crt", "CERTIFICATE", der)
}

func (p pki) loadAuthority() (*x509.Certificate, *ecdsa.PrivateKey, error) {
	certificateBlock, _ := pem.Decode(p.read("ca.crt"))
	keyBlock, _ := pem.Decode(p.read("ca.key"))
	if certificateBlock == nil || keyBlock == nil {
		return nil, nil, fmt.Errorf("no authority in %s", p.folder)
	}
	certificate, err := x509.ParseCertificate(certificateBlock.Bytes)
	if err != nil {
		return nil, nil, err
	}
	key, err := x509.ParseECPrivateKey(keyBlock.Bytes)
	return certificate, key, err
}

func (p pki) makeTokenKey() error {
	key, err := p.makeKey("sa")
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	return p.write("sa.pub", "PUBLIC KEY", der)
}

func writeKubeconfig(path, server string, admin credentials) error {
	base64 := base64.StdEncoding.EncodeToString
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- name: test
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: admin
  user:
    client-certificate-data: %s
    client-key-data: %s
contexts:
- name: test
  context:
    cluster: test
    user: admin
current-context: test
`, server, base64(admin.authority), base64(admin.certificate), base64(admin.key))
	return os.WriteFile(path, []byte(text), 0o600)
}
