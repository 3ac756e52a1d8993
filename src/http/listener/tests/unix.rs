use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

#[tokio::test]
async fn the_socket_is_local_and_goes_with_the_listener() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scaistack.sock");
    // What a process leaves that was killed.
    drop(UnixListener::bind(&path).unwrap());
    let site = Site::start(|config| config.unix = Some(path.clone())).await;
    let answer = ask(UnixStream::connect(&path).await.unwrap(), "/conn").await;
    assert!(answer.ends_with("peer=false tls=false local=true host=here"), "{answer}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let idle = UnixStream::connect(&path).await.unwrap();
    timeout(AT_ONCE, site.running.stop(true)).await.unwrap();
    drop(idle);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_socket_in_use_or_a_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let config =
        |path: &std::path::Path| ListenerConfig { workers: 1, unix: Some(path.to_owned()), ..Default::default() };
    let live = folder.path().join("live");
    let _listener = UnixListener::bind(&live).unwrap();
    let error = serve(free_port(), config(&live), App::new, Arc::new(Unimplemented)).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    assert!(live.exists());

    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    let error = serve(free_port(), config(&file), App::new, Arc::new(Unimplemented)).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}
