// Asks a server for a kick and writes it as a WAV file. In a copy of this folder with drums.proto,
// protoc-gen-go and protoc-gen-go-grpc on the PATH:
//
//	go mod init drumsmith
//	protoc --go_out=. --go_opt=module=drumsmith --go-grpc_out=. --go-grpc_opt=module=drumsmith drums.proto
//	go mod tidy && go run kick.go localhost:8500 kick.wav
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"log"
	"math"
	"os"
	"time"

	"drumsmith/drums"
	"google.golang.org/grpc"
)

func main() {
	// 64 sounds are more than the 4 MiB that gRPC takes by default.
	limit := grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64 << 20))
	// Of grpc 1.33 on; newer ones prefer grpc.NewClient and insecure.NewCredentials.
	connection, err := grpc.Dial(os.Args[1], grpc.WithInsecure(), limit)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	one := &drums.TensorShape{Dim: []*drums.TensorShape_Dim{{Size: 1}}}
	request := &drums.PredictRequest{
		ModelSpec: &drums.ModelSpec{Name: "drums", SignatureName: "seeded"},
		Inputs: map[string]*drums.TensorProto{
			"seed":  {Dtype: drums.DataType_DT_INT64, TensorShape: one, Int64Val: []int64{7}},
			"label": {Dtype: drums.DataType_DT_INT32, TensorShape: one, IntVal: []int32{0}},
		},
	}
	deadline, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	answer, err := drums.NewPredictionServiceClient(connection).Predict(deadline, request)
	if err != nil {
		log.Fatal(err)
	}
	var samples []int16
	for _, value := range answer.Outputs["audio"].FloatVal {
		value := math.Max(-1, math.Min(1, float64(value)))
		samples = append(samples, int16(math.Round(32767*value)))
	}
	size, file := uint32(2*len(samples)), new(bytes.Buffer)
	for _, part := range []interface{}{
		[]byte("RIFF"), 36 + size, []byte("WAVEfmt "), uint32(16),
		[]uint16{1, 1}, []uint32{44100, 88200}, []uint16{2, 16}, // PCM, mono; 2 bytes, 16 bits
		[]byte("data"), size, samples,
	} {
		binary.Write(file, binary.LittleEndian, part)
	}
	if err := os.WriteFile(os.Args[2], file.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
