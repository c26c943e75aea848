package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
)

func checkHealth(ctx context.Context, lab lab) error {
	client := healthpb.NewHealthClient(lab.conn)
	answer, err := client.Check(ctx, &healthpb.HealthCheckRequest{Service: "shop"})
	if err != nil {
		return err
	}
	if answer.Status != healthpb.HealthCheckResponse_SERVING {
		return fmt.Errorf("the service is %v", answer.Status)
	}
	_, err = client.Check(ctx, &healthpb.HealthCheckRequest{Service: "nothing"})
	return expectCode(err, codes.NotFound)
}

func watchHealth(ctx context.Context, lab lab) error {
	client := healthpb.NewHealthClient(lab.conn)
	watch, err := client.Watch(ctx, &healthpb.HealthCheckRequest{Service: "shop"})
	if err != nil {
		return err
	}
	seen, err := watch.Recv()
	if err == nil && seen.Status != healthpb.HealthCheckResponse_SERVING {
		return fmt.Errorf("the watched service is %v", seen.Status)
	}
	return err
}

func reflectServices(ctx context.Context, lab lab) error {
	stream, err := reflectionpb.NewServerReflectionClient(lab.conn).ServerReflectionInfo(ctx)
	if err != nil {
		return err
	}
	err = stream.Send(&reflectionpb.ServerReflectionRequest{
		MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{},
	})
	// A call that was refused says why to whoever receives.
	if err != nil && err != io.EOF {
		return err
	}
	answer, err := stream.Recv()
	if err != nil {
		return err
	}
	names := []string{}
	for _, service := range answer.GetListServicesResponse().GetService() {
		names = append(names, service.GetName())
	}
	if !slices.Contains(names, "grpc.testing.TestService") || !slices.Contains(names, "grpc.health.v1.Health") {
		return fmt.Errorf("reflection names %v", names)
	}
	return stream.CloseSend()
}
