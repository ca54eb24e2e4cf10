//! The port of the control API, if there is one.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::service::{self, Control};
use crate::exposure::Exposure;
use crate::listener::{self, Listener};
use crate::server::{Shared, StartError};

/// A socket that listens already, or none.
pub(crate) struct Port(Option<(TcpListener, SocketAddr)>);

impl Port {
    pub(crate) async fn open(address: Option<SocketAddr>) -> Result<Self, StartError> {
        let Some(address) = address else { return Ok(Self(None)) };
        let cannot = |source| StartError::Listen { address, source };
        let socket = TcpListener::bind(address).await.map_err(cannot)?;
        let address = socket.local_addr().map_err(cannot)?;
        Ok(Self(Some((socket, address))))
    }

    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.0.as_ref().map(|(_, address)| *address)
    }

    /// Answers requests until told to stop.
    pub(crate) fn serve(
        self,
        shared: &Arc<Shared>,
        exposure: Exposure,
        tls: Option<TlsAcceptor>,
        stopped: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + Send + use<> {
        let limits = shared.limits;
        let control = Arc::new(Control::new(Arc::clone(shared), exposure, stopped.clone()));
        async move {
            let Some((socket, _)) = self.0 else { return };
            let answer = move |request, _| {
                let control = Arc::clone(&control);
                async { Ok(service::answer(control, request).await) }
            };
            listener::accept(Listener::new(socket, tls, &limits), stopped, answer).await;
        }
    }
}
