package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/interop"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
)

const (
	// What a client asks of the server beside the suite's own, by metadata.
	wishKey = "x-wish"

	messageBytesMax = 64 << 20
	abortAfter      = 3
)

// The suite's own server, which tells on standard output what becomes of calls.
type testServer struct {
	pb.TestServiceServer
}

func serve(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(messageBytesMax), grpc.MaxSendMsgSize(messageBytesMax))
	tests := &testServer{TestServiceServer: interop.NewTestServer()}
	pb.RegisterTestServiceServer(server, tests)
	states := health.NewServer()
	healthpb.RegisterHealthServer(server, states)
	states.SetServingStatus("shop", healthpb.HealthCheckResponse_SERVING)
	reflection.Register(server)
	return server.Serve(listener)
}

func (s *testServer) UnaryCall(ctx context.Context, in *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	switch wishOf(ctx) {
	case "hang":
		deadline, has := ctx.Deadline()
		fmt.Printf("hanging deadline=%t within=%t\n", has, has && time.Until(deadline) < 10*time.Second)
		<-ctx.Done()
		fmt.Printf("hung %v\n", status.FromContextError(ctx.Err()).Code())
		return nil, status.FromContextError(ctx.Err()).Err()
	case "details":
		refused := status.New(codes.FailedPrecondition, "out of stock: schön")
		withDetails, err := refused.WithDetails(
			&errdetails.ErrorInfo{Reason: "SOLD_OUT", Domain: "shop.example.test"},
			&errdetails.RetryInfo{},
		)
		if err != nil {
			return nil, err
		}
		return nil, withDetails.Err()
	}
	return s.TestServiceServer.UnaryCall(ctx, in)
}

func (s *testServer) FullDuplexCall(stream pb.TestService_FullDuplexCallServer) error {
	switch wishOf(stream.Context()) {
	case "abort":
		for range abortAfter {
			if _, err := stream.Recv(); err != nil {
				return err
			}
		}
		return status.Error(codes.ResourceExhausted, "enough")
	case "watch":
		err := s.TestServiceServer.FullDuplexCall(stream)
		fmt.Printf("stream ended %v\n", status.FromContextError(stream.Context().Err()).Code())
		return err
	}
	return s.TestServiceServer.FullDuplexCall(stream)
}

func wishOf(ctx context.Context) string {
	if values := metadata.ValueFromIncomingContext(ctx, wishKey); len(values) > 0 {
		return values[0]
	}
	return ""
}
