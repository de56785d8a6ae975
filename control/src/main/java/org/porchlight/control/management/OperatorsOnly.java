package org.porchlight.control.management;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.SecurityPolicyHandler;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets through who sits at this machine. The Host header must name it too: a page from elsewhere, whose name was pointed at this machine, carries
 * its own; and a page that calls across origins says where it is from.
 */
final class OperatorsOnly implements SecurityPolicyHandler {
    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (isLoopback(request.remoteAddress())
                && namesThisMachine(request.authority())
                && request.getHeader(HttpHeaders.ORIGIN) == null) {
            context.next();
        } else {
            Documents.refuse(context, 403, "operators-only", "For operators on this machine only", "");
        }
    }

    private static boolean namesThisMachine(@Nullable HostAndPort authority) {
        if (authority == null) {
            return false;
        }
        String host = authority.host().toLowerCase(Locale.ROOT);
        return Set.of("localhost", "[::1]", "::1").contains(host) || host.matches("127(\\.[0-9]{1,3}){3}");
    }

    private static boolean isLoopback(@Nullable SocketAddress address) {
        try {
            return address != null
                    && address.hostAddress() != null
                    && InetAddress.getByName(address.hostAddress()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
