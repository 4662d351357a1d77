// One program for every case: the handler that the function names says which.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-lambda-go/lambdaurl"
)

const (
	largeChunks = 1024
	chunkBytes  = 65536
)

type refused struct{}

func (refused) Error() string { return "refused: 無理" }

type document map[string]any

type answer = events.APIGatewayProxyResponse

func main() {
	handlers := map[string]any{
		"echo": echo, "error": fail, "context": describe,
		"stream": streamed(first), "broken": streamed(broken), "early": early, "large": streamed(large),
	}
	urlHandlers := map[string]http.HandlerFunc{
		"url.echo": urlEcho, "url.error": urlError, "url.context": urlContext,
		"url.stream": urlStream, "url.broken": urlBroken, "url.early": urlError, "url.large": urlLarge,
	}
	name := os.Getenv("_HANDLER")
	if handler, ok := urlHandlers[name]; ok {
		lambdaurl.Start(handler)
	}
	lambda.Start(handlers[name])
}

func jsonAnswer(value any) (answer, error) {
	text, err := json.Marshal(value)
	return answer{StatusCode: 200, Headers: map[string]string{"Content-Type": "application/json"}, Body: string(text)}, err
}

func echo(event json.RawMessage) (answer, error) { return jsonAnswer(event) }

func fail() (answer, error) { return answer{}, refused{} }

func describe(ctx context.Context) (answer, error) {
	call, ok := lambdacontext.FromContext(ctx)
	deadline, hasDeadline := ctx.Deadline()
	if !ok || !hasDeadline {
		return answer{}, errors.New("no context")
	}
	return jsonAnswer(document{
		"requestId":          call.AwsRequestID,
		"invokedFunctionArn": call.InvokedFunctionArn,
		"remainingMs":        time.Until(deadline).Milliseconds(),
		"functionName":       lambdacontext.FunctionName,
		"functionVersion":    lambdacontext.FunctionVersion,
		"memoryLimitInMB":    strconv.Itoa(lambdacontext.MemoryLimitInMB),
		"logGroupName":       lambdacontext.LogGroupName,
		"logStreamName":      lambdacontext.LogStreamName,
		"traceId":            os.Getenv("_X_AMZN_TRACE_ID"),
		"region":             os.Getenv("AWS_REGION"),
		"taskRoot":           os.Getenv("LAMBDA_TASK_ROOT"),
		"own":                os.Getenv("OWN"),
	})
}

// Waits until the test lets go on.
func wait() {
	connection, err := net.Dial("tcp", os.Getenv("GATE"))
	if err == nil {
		_, _ = io.Copy(io.Discard, connection)
	}
}

func streamed(write func(io.Writer) error) any {
	return func() (*events.LambdaFunctionURLStreamingResponse, error) {
		body, sink := io.Pipe()
		go func() { sink.CloseWithError(write(sink)) }()
		return &events.LambdaFunctionURLStreamingResponse{
			StatusCode: 201,
			Headers:    map[string]string{"Content-Type": "text/plain", "X-Kind": "streamed"},
			Cookies:    []string{"a=1"},
			Body:       body,
		}, nil
	}
}

func first(sink io.Writer) error {
	if _, err := io.WriteString(sink, "first "); err != nil {
		return err
	}
	wait()
	_, err := io.WriteString(sink, "last")
	return err
}

func broken(sink io.Writer) error {
	if _, err := io.WriteString(sink, "first "); err != nil {
		return err
	}
	wait()
	return refused{}
}

func early() (*events.LambdaFunctionURLStreamingResponse, error) { return nil, refused{} }

func large(sink io.Writer) error {
	for index := range largeChunks {
		if _, err := sink.Write(bytes.Repeat([]byte{byte(index % 251)}, chunkBytes)); err != nil {
			return err
		}
	}
	return nil
}

func head(response http.ResponseWriter) {
	response.Header().Set("Content-Type", "text/plain")
	response.Header().Set("X-Kind", "streamed")
	response.Header().Set("Set-Cookie", "a=1")
	response.WriteHeader(201)
}

func urlStream(response http.ResponseWriter, _ *http.Request) {
	head(response)
	_ = first(response)
}

func urlBroken(response http.ResponseWriter, _ *http.Request) {
	head(response)
	log.Fatal(broken(response))
}

// A panic would be no better, and at times the client ends the response well before the process is gone.
func urlError(http.ResponseWriter, *http.Request) { log.Fatal(refused{}) }

func urlContext(response http.ResponseWriter, request *http.Request) {
	described, _ := describe(request.Context())
	_, _ = io.WriteString(response, described.Body)
}

func urlLarge(response http.ResponseWriter, _ *http.Request) {
	head(response)
	_ = large(response)
}

func urlEcho(response http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	_ = json.NewEncoder(response).Encode(document{"httpMethod": request.Method, "path": request.URL.Path, "body": string(body)})
}
