// PROTO is the folder of drums.proto, by default where this repository has it.
fn main() -> std::io::Result<()> {
    let folder = std::env::var("PROTO").unwrap_or("../../../serving/client/proto".into());
    prost_build::compile_protos(&["drums.proto"], &[folder])
}
