package main

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/interop"
	pb "google.golang.org/grpc/interop/grpc_testing"
)

const callDeadline = 30 * time.Second

// What a call has to work with.
type lab struct {
	conn  *grpc.ClientConn
	tests pb.TestServiceClient
}

// The interoperability suite ends the process itself when something is not as it must be.
type suiteCall func(ctx context.Context, client pb.TestServiceClient, options ...grpc.CallOption)

var suite = map[string]suiteCall{
	"empty_unary":                 interop.DoEmptyUnaryCall,
	"large_unary":                 interop.DoLargeUnaryCall,
	"client_streaming":            interop.DoClientStreaming,
	"server_streaming":            interop.DoServerStreaming,
	"ping_pong":                   interop.DoPingPong,
	"empty_stream":                interop.DoEmptyStream,
	"timeout_on_sleeping_server":  interop.DoTimeoutOnSleepingServer,
	"cancel_after_begin":          interop.DoCancelAfterBegin,
	"cancel_after_first_response": interop.DoCancelAfterFirstResponse,
	"custom_metadata":             interop.DoCustomMetadata,
	"status_code_and_message":     interop.DoStatusCodeAndMessage,
	"special_status_message":      interop.DoSpecialStatusMessage,
}

var own = map[string]func(ctx context.Context, lab lab) error{
	"unimplemented":      unimplemented,
	"status_details":     statusDetails,
	"deadline":           deadline,
	"client_cancels":     clientCancels,
	"server_aborts":      serverAborts,
	"large_messages":     largeMessages,
	"concurrent_streams": concurrentStreams,
	"health_check":       checkHealth,
	"health_watch":       watchHealth,
	"reflection":         reflectServices,
}

func call(address, authority string, names []string) error {
	conn, err := grpc.NewClient(
		"passthrough:///"+address,
		grpc.WithAuthority(authority),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(messageBytesMax),
			grpc.MaxCallSendMsgSize(messageBytesMax),
		),
	)
	if err != nil {
		return err
	}
	defer conn.Close()
	lab := lab{conn: conn, tests: pb.NewTestServiceClient(conn)}
	for _, name := range names {
		if err := one(lab, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Printf("ok %s\n", name)
	}
	return nil
}

func one(lab lab, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), callDeadline)
	defer cancel()
	if run, found := suite[name]; found {
		run(ctx, lab.tests)
		return nil
	}
	if run, found := own[name]; found {
		return run(ctx, lab)
	}
	return fmt.Errorf("no such call")
}
