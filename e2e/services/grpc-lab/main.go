// A gRPC server and a client for the tests of the HTTP edge. Most calls are those of gRPC's own interoperability suite.
//
//	grpc-lab serve <address>                         prints what it sees of its calls
//	grpc-lab call <address> <authority> <name> …     makes calls, says "ok" of each or why not
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "serve" {
		exit(serve(os.Args[2]))
	}
	if len(os.Args) >= 5 && os.Args[1] == "call" {
		exit(call(os.Args[2], os.Args[3], os.Args[4:]))
	}
	exit(fmt.Errorf("usage: grpc-lab serve <address> | call <address> <authority> <name> …"))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
