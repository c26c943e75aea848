package main

import (
	"context"
	"fmt"
	"io"
	"sync"

	pb "google.golang.org/grpc/interop/grpc_testing"
)

const (
	streams    = 100
	roundsEach = 10
)

// Every stream has had an answer before any goes on, all on one connection.
func concurrentStreams(ctx context.Context, lab lab) error {
	var opened, done sync.WaitGroup
	opened.Add(streams)
	failures := make(chan error, streams)
	for n := range streams {
		done.Go(func() {
			failures <- pingMany(ctx, lab, n, &opened)
		})
	}
	done.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

func pingMany(ctx context.Context, lab lab, n int, opened *sync.WaitGroup) error {
	stream, err := lab.tests.FullDuplexCall(ctx)
	if err == nil {
		err = pingOnce(stream, n+1)
	}
	opened.Done()
	if err != nil {
		return err
	}
	opened.Wait()
	for range roundsEach {
		if err := pingOnce(stream, n+1); err != nil {
			return err
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	if _, err := stream.Recv(); err != io.EOF {
		return fmt.Errorf("stream %d ended with %v", n, err)
	}
	return nil
}

// Asks for a payload of `size` bytes and waits for it.
func pingOnce(stream pb.TestService_FullDuplexCallClient, size int) error {
	request := &pb.StreamingOutputCallRequest{
		ResponseParameters: []*pb.ResponseParameters{{Size: int32(size)}},
	}
	if err := stream.Send(request); err != nil {
		return err
	}
	answer, err := stream.Recv()
	if err != nil {
		return err
	}
	if got := len(answer.GetPayload().GetBody()); got != size {
		return fmt.Errorf("%d bytes came, want %d", got, size)
	}
	return nil
}
