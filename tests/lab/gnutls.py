# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS and DTLS clients on the system's GnuTLS (3.6.13 or later), for tests that have to see single records.

    session = TlsClient(connected_tcp_socket, priority='NORMAL:-VERS-ALL:+VERS-TLS1.2')
    session.handshake()
    session.send(b'one record')
    session.receive()                     what one record carried

Sockets are made non-blocking.  What waits takes `seconds` and ends with TimeoutError; what begins with `try_`
does not wait.  Who has many sessions in one loop uses those and `fileno()`.  A session belongs to one thread.
No certificate is verified: what a server shows is for the story to judge (`certificates()`).
"""

import ctypes
import select
import time

library = ctypes.CDLL('libgnutls.so.30')

CLIENT, DATAGRAM, NONBLOCK, NO_TICKETS = 1 << 1, 1 << 2, 1 << 3, 1 << 10
CREDENTIALS_CERTIFICATE, CREDENTIALS_PSK = 1, 4
AGAIN, INTERRUPTED, REHANDSHAKE, WARNING_ALERT, FATAL_ALERT = -28, -52, -37, -16, -12
PREMATURE_TERMINATION = -110
WARNING, FATAL = 1, 2
RECORD_MAX = 16384
HELLO_EXTENSION = (1 << 1) | (1 << 8)  # in client hellos, of DTLS
EXTENSION_TLS = 2
UNLIMITED = 10 ** 9

Handle = ctypes.c_void_p


class Datum(ctypes.Structure):
    _fields_ = [('data', ctypes.c_void_p), ('size', ctypes.c_uint)]


SendExtension = ctypes.CFUNCTYPE(ctypes.c_int, Handle, Handle)
ReceiveExtension = ctypes.CFUNCTYPE(ctypes.c_int, Handle, Handle, ctypes.c_size_t)


def _function(name, result, *arguments):
    function = getattr(library, 'gnutls_' + name)
    function.restype, function.argtypes = result, arguments
    return function


_text, _size, _int, _uint, _bytes = ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_uint, ctypes.c_char_p
_out = ctypes.POINTER(Handle)
_datum = ctypes.POINTER(Datum)
_strerror_name = _function('strerror_name', _text, _int)
_init = _function('init', _int, _out, _uint)
_deinit = _function('deinit', None, Handle)
_priority_set = _function('priority_set_direct', _int, Handle, _text, ctypes.POINTER(_text))
_transport_set = _function('transport_set_int2', None, Handle, _int, _int)
_credentials_set = _function('credentials_set', _int, Handle, _int, Handle)
_certificate_new = _function('certificate_allocate_credentials', _int, _out)
_certificate_free = _function('certificate_free_credentials', None, Handle)
_certificate_peers = _function('certificate_get_peers', _datum, Handle, ctypes.POINTER(_uint))
_certificate_set_file = _function('certificate_set_x509_key_file', _int, Handle, _text, _text, _int)
_psk_new = _function('psk_allocate_client_credentials', _int, _out)
_psk_free = _function('psk_free_client_credentials', None, Handle)
_psk_set = _function('psk_set_client_credentials', _int, Handle, _text, _datum, _int)
_name_set = _function('server_name_set', _int, Handle, _int, _bytes, _size)
_alpn_set = _function('alpn_set_protocols', _int, Handle, _datum, _uint, _uint)
_handshake = _function('handshake', _int, Handle)
_record_send = _function('record_send', ctypes.c_ssize_t, Handle, _bytes, _size)
_record_recv = _function('record_recv', ctypes.c_ssize_t, Handle, ctypes.c_void_p, _size)
_record_pending = _function('record_check_pending', _size, Handle)
_prf = _function('prf_rfc5705', _int, Handle, _size, _bytes, _size, _bytes, _size, ctypes.c_void_p)
_key_update = _function('session_key_update', _int, Handle, _uint)
_alert_send = _function('alert_send', _int, Handle, _int, _int)
_alert_get = _function('alert_get', _int, Handle)
_alert_name = _function('alert_get_name', _text, _int)
_bye = _function('bye', _int, Handle, _int)
_version = _function('protocol_get_version', _int, Handle)
_version_name = _function('protocol_get_name', _text, _int)
_cipher = _function('cipher_get', _int, Handle)
_cipher_name = _function('cipher_get_name', _text, _int)
_describe = _function('session_get_desc', ctypes.c_void_p, Handle)
_free = ctypes.CFUNCTYPE(None, ctypes.c_void_p).in_dll(library, 'gnutls_free')
_is_resumed = _function('session_is_resumed', _int, Handle)
_id_set = _function('session_set_id', _int, Handle, _datum)
_id_get = _function('session_get_id2', _int, Handle, _datum)
_premaster_set = _function('session_set_premaster', _int, Handle, _uint, _int, _int, _int, _int, _int, _datum, _datum)
_mtu_set = _function('dtls_set_mtu', None, Handle, _uint)
_data_mtu = _function('dtls_get_data_mtu', _uint, Handle)
_timeouts_set = _function('dtls_set_timeouts', None, Handle, _uint, _uint)
_timeout = _function('dtls_get_timeout', _uint, Handle)
_extension = _function('session_ext_register', _int, Handle, _text, _int, _int, ReceiveExtension, SendExtension,
                       Handle, Handle, Handle, Handle, _uint)
_buffer_append = _function('buffer_append_data', _int, Handle, _bytes, _size)
_ids = {kind: _function(f'{kind}_get_id', _int, _text) for kind in ('protocol', 'kx', 'cipher', 'mac')}


class GnutlsError(OSError):
    """errno is GnuTLS's code; `alert` names the fatal alert that was received, if it was one."""

    def __init__(self, code, what, alert=None):
        name = _strerror_name(code)
        super().__init__(code, f'{what}: {name.decode() if name else code}' + (f' ({alert})' if alert else ''))
        self.alert = alert


def _check(code, what):
    if code < 0:
        raise GnutlsError(code, what)
    return code


def _datum_of(data):
    """Keeps the bytes alive as long as itself."""
    datum = Datum(ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), len(data))
    datum.kept = data
    return datum


def identifier(kind, name):
    """GnuTLS's number of a protocol, kx, cipher or mac."""
    number = _ids[kind](name.encode())
    if not number:
        raise ValueError(f'GnuTLS knows no {kind} {name}')
    return number


class Session:
    """What TLS and DTLS clients have in common."""

    def __init__(self, socket, flags, priority):
        socket.setblocking(False)
        self.handle, self._credentials, self.alerts = Handle(), [], []
        self.socket = None
        _check(_init(ctypes.byref(self.handle), flags | CLIENT | NONBLOCK), 'init')
        where = _text()
        if _priority_set(self.handle, priority.encode(), ctypes.byref(where)) < 0:
            raise ValueError(f'priority string {priority!r} is wrong at {where.value.decode()!r}')
        self._buffer = ctypes.create_string_buffer(RECORD_MAX + 1024)
        self.use_socket(socket)

    def use_socket(self, socket):
        """From here on by another connected socket: the association of DTLS does not notice."""
        socket.setblocking(False)
        self.socket = socket
        _transport_set(self.handle, socket.fileno(), socket.fileno())

    def fileno(self):
        return self.socket.fileno()

    def _give_credentials(self, kind, new, free):
        credentials = Handle()
        _check(new(ctypes.byref(credentials)), 'credentials')
        self._credentials.append((free, credentials))
        _check(_credentials_set(self.handle, kind, credentials), 'credentials')
        return credentials

    def _wait(self, deadline, what, most=UNLIMITED):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f'{what}: nothing in time')
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        poll.poll(min(left * 1000, most))

    def _note_alert(self):
        name = _alert_name(_alert_get(self.handle))
        self.alerts.append(name.decode() if name else 'unknown')
        return self.alerts[-1]

    def _judge(self, code, what):
        """True: done.  False: nothing yet.  Anything worse is an exception."""
        if code >= 0:
            return True
        if code == WARNING_ALERT:
            self._note_alert()
            return False
        if code in (AGAIN, INTERRUPTED):
            return False
        raise GnutlsError(code, what, self._note_alert() if code == FATAL_ALERT else None)

    def try_handshake(self):
        """One step; True when it is done.  Of DTLS, call again by `handshake_timeout` too: that sends again."""
        return self._judge(_handshake(self.handle), 'handshake')

    def handshake_timeout(self):
        return UNLIMITED

    def handshake(self, seconds=15.0):
        """Also renegotiates, on a session that is up; under TLS 1.3 that is a request for new keys instead."""
        deadline = time.monotonic() + seconds
        while not self.try_handshake():
            self._wait(deadline, 'handshake', self.handshake_timeout())
        return self

    def try_send(self, data):
        """One record.  False when the socket takes none: then call again with the same bytes."""
        code = _record_send(self.handle, data, len(data))
        if self._judge(code, 'send') and code != len(data):
            raise ValueError(f'{len(data)} bytes do not fit into a record, {code} do')
        return code >= 0

    def send(self, data, seconds=10.0):
        deadline = time.monotonic() + seconds
        while not self.try_send(data):
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError('send: the peer takes nothing')
            select.select([], [self.fileno()], [], left)

    def try_receive(self):
        """What one record carries, b'' after the peer's goodbye (of TLS also after its FIN), None when there is none."""
        code = _record_recv(self.handle, self._buffer, len(self._buffer))
        if code == PREMATURE_TERMINATION:
            return b''
        return self._buffer.raw[:code] if self._judge(code, 'receive') else None

    def receive(self, seconds=10.0):
        deadline = time.monotonic() + seconds
        while (data := self.try_receive()) is None:
            if not _record_pending(self.handle):
                self._wait(deadline, 'receive')
        return data

    def exporter(self, label, size, context=None):
        """RFC 5705; no context is another thing than an empty one."""
        out = ctypes.create_string_buffer(size)
        _check(_prf(self.handle, len(label), label.encode(), len(context or b''), context, size, out), 'exporter')
        return out.raw

    def alert(self, description, level=WARNING):
        """Sends an alert; 0 is close_notify, 90 user_canceled, 100 no_renegotiation."""
        _check(_alert_send(self.handle, level, description), 'alert')

    def protocol(self):
        return _version_name(_version(self.handle)).decode()

    def cipher(self):
        return _cipher_name(_cipher(self.handle)).decode()

    def description(self):
        text = _describe(self.handle)
        try:
            return ctypes.string_at(text).decode()
        finally:
            _free(text)

    def is_resumed(self):
        return bool(_is_resumed(self.handle))

    def session_id(self):
        """Of TLS 1.2 and DTLS: what the server's hello had."""
        datum = Datum()
        _check(_id_get(self.handle, ctypes.byref(datum)), 'session id')
        return ctypes.string_at(datum.data, datum.size) if datum.size else b''

    def certificates(self):
        """The peer's chain, DER."""
        count = _uint()
        chain = _certificate_peers(self.handle, ctypes.byref(count))
        return [ctypes.string_at(chain[i].data, chain[i].size) for i in range(count.value)]

    def bye(self):
        """Says goodbye (close_notify), and waits for nothing."""
        _bye(self.handle, 1)

    def close(self):
        """Closes the socket without a word, as a client that vanishes."""
        if self.handle:
            _deinit(self.handle)
            self.handle = Handle()
        for free, credentials in self._credentials:
            free(credentials)
        self._credentials = []
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class TlsClient(Session):
    """On a connected TCP socket.  alpn: protocol names, bytes.  certificate: (PEM file, file of its key)."""

    def __init__(self, socket, priority='NORMAL', server_name=None, alpn=(), certificate=None):
        super().__init__(socket, NO_TICKETS, priority)
        credentials = self._give_credentials(CREDENTIALS_CERTIFICATE, _certificate_new, _certificate_free)
        if certificate:
            _check(_certificate_set_file(credentials, *(path.encode() for path in certificate), 1), 'certificate')
        if server_name is not None:
            name = server_name.encode()
            _check(_name_set(self.handle, 1, name, len(name)), 'server name')
        if alpn:
            protocols = (Datum * len(alpn))(*(_datum_of(name) for name in alpn))
            _check(_alpn_set(self.handle, protocols, len(alpn), 0), 'ALPN')

    def key_update(self, of_peer_too=True):
        """TLS 1.3: new keys for what we send, and a request for the peer's."""
        _check(_key_update(self.handle, 1 if of_peer_too else 0), 'key update')


class DtlsClient(Session):
    """On a connected UDP socket.  `psk` or `resume` says how keys are agreed on.

    retransmit, total: milliseconds of the handshake's timers."""

    def __init__(self, socket, priority, mtu=1472, retransmit=400, total=15000):
        super().__init__(socket, DATAGRAM, priority)
        _mtu_set(self.handle, mtu)
        _timeouts_set(self.handle, retransmit, total)
        self._kept = []

    @classmethod
    def psk(cls, socket, key, session_id=None, priority='NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK', extension_id=None,
            **options):
        """A full handshake with a shared key.  session_id stands in the hello, though there is nothing to resume;
        extension_id stands there in the private extension of old clients (48018)."""
        self = cls(socket, priority, **options)
        credentials = self._give_credentials(CREDENTIALS_PSK, _psk_new, _psk_free)
        _check(_psk_set(credentials, b'psk', ctypes.byref(_datum_of(key)), 0), 'PSK')
        if session_id is not None:
            _check(_id_set(self.handle, ctypes.byref(_datum_of(session_id))), 'session id')
        if extension_id is not None:
            self._extend_hello(48018, bytes([len(extension_id)]) + extension_id)
        return self

    @classmethod
    def resume(cls, socket, master_secret, session_id, priority, version='DTLS1.2', kx='RSA', cipher='AES-256-GCM', mac='AEAD',
               **options):
        """The abbreviated handshake of a session that never was, from a known master secret (48 bytes).
        priority has to allow that one suite, as does, for the defaults,
        NONE:+VERS-DTLS1.2:+COMP-NULL:+AES-256-GCM:+AEAD:+RSA:+SIGN-ALL:%NO_SESSION_HASH:%DISABLE_SAFE_RENEGOTIATION"""
        self = cls(socket, priority, **options)
        self._give_credentials(CREDENTIALS_CERTIFICATE, _certificate_new, _certificate_free)
        master, name = _datum_of(master_secret), _datum_of(session_id)
        numbers = (identifier('protocol', version), identifier('kx', kx), identifier('cipher', cipher), identifier('mac', mac))
        _check(_premaster_set(self.handle, CLIENT, *numbers, 1, ctypes.byref(master), ctypes.byref(name)), 'master secret')
        return self

    def _extend_hello(self, number, body):
        def send(_session, buffer):
            code = _buffer_append(buffer, body, len(body))
            return code if code < 0 else len(body)

        functions = (ReceiveExtension(lambda *_: 0), SendExtension(send))
        self._kept.append(functions)
        _check(_extension(self.handle, b'id', number, EXTENSION_TLS, *functions, None, None, None, None, HELLO_EXTENSION),
               'extension')

    def handshake_timeout(self):
        """Milliseconds until `try_handshake` has something to send again."""
        return max(1, _timeout(self.handle))

    def data_mtu(self):
        """Payload bytes of the largest record."""
        return _data_mtu(self.handle)

    def set_mtu(self, mtu):
        """mtu: bytes of a UDP payload."""
        _mtu_set(self.handle, mtu)
