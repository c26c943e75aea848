package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/interop"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const (
	largeBytes   = 32 << 20
	shortTimeout = 500 * time.Millisecond
)

func wishing(ctx context.Context, wish string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, wishKey, wish)
}

func expectCode(err error, want codes.Code) error {
	if got := status.Code(err); got != want {
		return fmt.Errorf("got %v (%v), want %v", got, err, want)
	}
	return nil
}

func unimplemented(ctx context.Context, lab lab) error {
	interop.DoUnimplementedMethod(ctx, lab.conn)
	interop.DoUnimplementedService(ctx, pb.NewUnimplementedServiceClient(lab.conn))
	return nil
}

func statusDetails(ctx context.Context, lab lab) error {
	_, err := lab.tests.UnaryCall(wishing(ctx, "details"), &pb.SimpleRequest{})
	if err := expectCode(err, codes.FailedPrecondition); err != nil {
		return err
	}
	told := status.Convert(err)
	if told.Message() != "out of stock: schön" {
		return fmt.Errorf("the message is %q", told.Message())
	}
	details := told.Details()
	if len(details) != 2 {
		return fmt.Errorf("there are %d details, want 2", len(details))
	}
	info, is := details[0].(*errdetails.ErrorInfo)
	if !is || info.Reason != "SOLD_OUT" || info.Domain != "shop.example.test" {
		return fmt.Errorf("the first detail is %v", details[0])
	}
	return nil
}

// The server hangs until its own copy of the deadline is over, and says so.
func deadline(ctx context.Context, lab lab) error {
	short, cancel := context.WithTimeout(wishing(ctx, "hang"), shortTimeout)
	defer cancel()
	_, err := lab.tests.UnaryCall(short, &pb.SimpleRequest{})
	return expectCode(err, codes.DeadlineExceeded)
}

// The server sees the stream end, and says so.
func clientCancels(ctx context.Context, lab lab) error {
	cancellable, cancel := context.WithCancel(wishing(ctx, "watch"))
	defer cancel()
	stream, err := lab.tests.FullDuplexCall(cancellable)
	if err != nil {
		return err
	}
	if err := pingOnce(stream, 1); err != nil {
		return err
	}
	cancel()
	_, err = stream.Recv()
	return expectCode(err, codes.Canceled)
}

// The server ends the call while the client still sends.
func serverAborts(ctx context.Context, lab lab) error {
	stream, err := lab.tests.FullDuplexCall(wishing(ctx, "abort"))
	if err != nil {
		return err
	}
	for err == nil {
		err = stream.Send(&pb.StreamingOutputCallRequest{})
	}
	if err != io.EOF {
		return fmt.Errorf("sending ended with %w", err)
	}
	_, err = stream.Recv()
	return expectCode(err, codes.ResourceExhausted)
}

func largeMessages(ctx context.Context, lab lab) error {
	body := bytes.Repeat([]byte("culvert."), largeBytes/8)
	answer, err := lab.tests.UnaryCall(ctx, &pb.SimpleRequest{
		ResponseSize: largeBytes,
		Payload:      &pb.Payload{Body: body},
	})
	if err != nil {
		return err
	}
	if got := len(answer.GetPayload().GetBody()); got != largeBytes {
		return fmt.Errorf("%d bytes came back, want %d", got, largeBytes)
	}
	return nil
}
