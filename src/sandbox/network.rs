//! Connections on loopback that can be cut, to simulate network failures.

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A listener that can be taken down, with all its connections, and put up again on its port.
pub(super) struct SwitchableListener {
    listener: Option<TcpListener>,
    address: SocketAddr,
    is_up: watch::Receiver<bool>,
    connections: CancellationToken,
}

impl SwitchableListener {
    pub(super) async fn bind(port: u16, is_up: watch::Receiver<bool>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        Ok(SwitchableListener {
            listener: Some(listener),
            address,
            is_up,
            connections: CancellationToken::new(),
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the next connection; `None` when `is_up` changed.
    async fn next(&mut self) -> Option<(TcpStream, SocketAddr)> {
        if !*self.is_up.borrow_and_update() {
            // Dropping the listener makes the system refuse connections.
            self.listener = None;
            self.connections.cancel();
            self.connections = CancellationToken::new();
            // Without a sender nothing can set `is_up` again.
            if self.is_up.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
            return None;
        }
        if self.listener.is_none() {
            self.listener = TcpListener::bind(self.address).await.ok();
        }
        let Some(listener) = &self.listener else {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            return None;
        };
        tokio::select! {
            accepted = listener.accept() => accepted.ok(),
            Ok(()) = self.is_up.changed() => None,
        }
    }
}

impl Listener for SwitchableListener {
    type Io = CuttableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (CuttableStream, SocketAddr) {
        loop {
            if let Some((stream, address)) = self.next().await {
                return (CuttableStream::new(stream, self.connections.child_token()), address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// A connection that ends when its token is cancelled.
pub(super) struct CuttableStream {
    stream: TcpStream,
    disconnect: CancellationToken,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl CuttableStream {
    fn new(stream: TcpStream, disconnect: CancellationToken) -> Self {
        let cut = Box::pin(disconnect.clone().cancelled_owned());
        CuttableStream { stream, disconnect, cut }
    }

    fn poll_cut(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        match self.cut.as_mut().poll(context) {
            Poll::Ready(()) => Err(io::ErrorKind::ConnectionReset.into()),
            Poll::Pending => Ok(()),
        }
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_cut(context)?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_cut(context)?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Cuts the connection of a request when it is cancelled.
#[derive(Clone, Debug)]
pub(super) struct Disconnect(pub(super) CancellationToken);

impl Connected<IncomingStream<'_, SwitchableListener>> for Disconnect {
    fn connect_info(stream: IncomingStream<'_, SwitchableListener>) -> Self {
        Disconnect(stream.io().disconnect.clone())
    }
}
