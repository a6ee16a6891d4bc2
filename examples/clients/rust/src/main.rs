// Asks a server for a kick and writes it as a WAV file, with protoc on the PATH:
//
//     cargo run localhost:8500 kick.wav
//
// gRPC is HTTP/2 and five bytes before each message, so that h2 and prost do. tonic does more, and
// takes answers of 4 MiB unless told otherwise by max_decoding_message_size: 64 sounds are more.
use drums::{tensor_shape::Dim, DataType, ModelSpec, PredictRequest, TensorProto, TensorShape};
use prost::Message;

mod drums {
    include!(concat!(env!("OUT_DIR"), "/tensorflow.serving.rs"));
}

type Failure = Box<dyn std::error::Error>;
const PREDICT: &str = "/tensorflow.serving.PredictionService/Predict";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let [_, target, file] = <[String; 3]>::try_from(std::env::args().collect::<Vec<_>>())
        .map_err(|_| "usage: kick HOST:PORT FILE")?;
    let one = Some(TensorShape { dim: vec![Dim { size: 1, ..Default::default() }], unknown_rank: false });
    let spec = ModelSpec { name: "drums".into(), signature_name: "seeded".into(), ..Default::default() };
    let seed = TensorProto { tensor_shape: one.clone(), int64_val: vec![7], ..Default::default() };
    let label = TensorProto { tensor_shape: one, int_val: vec![0], ..Default::default() };
    let mut request = PredictRequest { model_spec: Some(spec), ..Default::default() };
    request.inputs.insert("seed".into(), TensorProto { dtype: DataType::DtInt64 as i32, ..seed });
    request.inputs.insert("label".into(), TensorProto { dtype: DataType::DtInt32 as i32, ..label });
    let call = predict(&target, request.encode_to_vec());
    let answer = tokio::time::timeout(std::time::Duration::from_secs(10), call).await??;
    let audio = &drums::PredictResponse::decode(&answer[5..])?.outputs["audio"].float_val;
    let size = 2 * audio.len() as u32;
    let mut wav = [b"RIFF", &(36 + size).to_le_bytes()[..], b"WAVEfmt ", &16u32.to_le_bytes()].concat();
    for value in [0x0001_0001, 44100, 88200, 0x0010_0002u32] { // PCM, mono; rate; bytes; 2 bytes, 16 bits
        wav.extend(value.to_le_bytes());
    }
    wav.extend([b"data", &size.to_le_bytes()[..]].concat());
    for value in audio {
        wav.extend(((32767.0 * value.clamp(-1.0, 1.0)).round() as i16).to_le_bytes());
    }
    Ok(std::fs::write(file, wav)?)
}

async fn predict(target: &str, message: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let socket = tokio::net::TcpStream::connect(target).await?;
    let (client, connection) = h2::client::handshake(socket).await?;
    tokio::spawn(connection);
    let head = http::Request::post(format!("http://{target}{PREDICT}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    let (response, mut body) = client.ready().await?.send_request(head.body(())?, false)?;
    // Not compressed, and how long.
    body.send_data([&[0], &(message.len() as u32).to_be_bytes()[..], &message].concat().into(), true)?;
    let (head, mut body) = response.await?.into_parts();
    let mut answer = Vec::new();
    while let Some(part) = body.data().await {
        answer.extend_from_slice(part.as_ref().map_err(|e| e.to_string())?);
        body.flow_control().release_capacity(part?.len())?;
    }
    // A call that is refused has no body, and its status in the head.
    let end = body.trailers().await?.unwrap_or(head.headers);
    match end.get("grpc-status").map(|status| status.as_bytes()) {
        Some(b"0") => Ok(answer),
        _ => Err(format!("{end:?}").into()),
    }
}
