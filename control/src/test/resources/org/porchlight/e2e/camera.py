#!/usr/bin/python3
"""A camera made of gst-rtsp-server: a server that is not ours, for the node to pull from.

Prints "listening PORT" when it serves, at path /stream. Ends when its standard input is closed.
"""

import argparse
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

VIDEO = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate=600 ! rtph264pay name=pay0 pt=96",
    "h265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate=600 ! rtph265pay name=pay0 pt=96",
    "vp8": "vp8enc deadline=1 keyframe-max-dist=25 ! rtpvp8pay name=pay0 pt=96",
    "mjpeg": "jpegenc ! rtpjpegpay name=pay0 pt=26",
}
TRANSPORTS = {
    "tcp": GstRtsp.RTSPLowerTrans.TCP,
    "udp": GstRtsp.RTSPLowerTrans.UDP,
    "any": GstRtsp.RTSPLowerTrans.TCP | GstRtsp.RTSPLowerTrans.UDP,
}


def authentication(options):
    if not options.user and not options.tls:
        return None
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    if not options.user:
        auth.set_default_token(token)
    elif options.basic:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(options.user, options.password), token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(options.user, options.password, token)
    if options.tls:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(options.tls))
    return auth


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", default="0", help="0: any free one")
    parser.add_argument("--codec", choices=VIDEO, default="h264")
    parser.add_argument("--audio", action="store_true")
    parser.add_argument("--transport", choices=TRANSPORTS, default="any")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--basic", action="store_true", help="Basic instead of Digest")
    parser.add_argument("--tls", default="", help="PEM file with certificate and key")
    options = parser.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(options.port)
    auth = authentication(options)
    if auth:
        server.set_auth(auth)

    factory = GstRtspServer.RTSPMediaFactory()
    video = ("videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=25/1 ! videoconvert ! "
             + VIDEO[options.codec])
    audio = " audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1"
    factory.set_launch("( " + video + (audio if options.audio else "") + " )")
    factory.set_shared(True)
    factory.set_protocols(TRANSPORTS[options.transport])
    if auth:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory("/stream", factory)
    if not server.attach(None):
        print("cannot listen on port " + options.port, flush=True)
        return 1

    print(f"listening {server.get_bound_port()}", flush=True)
    loop = GLib.MainLoop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    loop.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
