/*
 * The floor of a fan-out: only the kernel work of sending one stream to many viewers, and a sink to send to. Run by `bench limit`.
 *
 *   limit sink tcp              accepts connections and throws away what they bring
 *   limit sink udp N            binds N UDP sockets and throws away what they bring
 *   limit send MODE PORT,..     sends; MODE is tcp, tcp-packet, udp-gso, udp-mmsg or udp-sendto
 *
 * A sink prints its ports on one line, then reads until its standard input ends. A sender prints one line of figures as key=value.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { MAX_VIEWERS = 20000, MAX_FRAME = 4 << 20, BATCH = 64, MAX_SEGMENTS = 64, MAX_GSO = 65000 };

static void die(const char *what) {
    fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)port);
    return address;
}

static int port_of(int fd) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) die("getsockname");
    return ntohs(address.sin_port);
}

static int bound(int type) {
    int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = loopback(0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    return fd;
}

static void watch(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
}

/* ---- sink ---- */

static int sink(int tcp, int count) {
    static char scratch[256 << 10];
    struct epoll_event events[256];
    int epoll = epoll_create1(0), listener = -1;
    unsigned long long bytes = 0;
    if (tcp) {
        listener = bound(SOCK_STREAM);
        if (listen(listener, 4096) < 0) die("listen");
        watch(epoll, listener);
        printf("%d\n", port_of(listener));
    } else {
        for (int i = 0; i < count; i++) {
            int fd = bound(SOCK_DGRAM), size = 512 << 10;
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
            watch(epoll, fd);
            printf(i + 1 < count ? "%d," : "%d\n", port_of(fd));
        }
    }
    fflush(stdout);
    watch(epoll, STDIN_FILENO);
    for (;;) {
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == STDIN_FILENO) {
                if (read(fd, scratch, sizeof scratch) <= 0) {
                    printf("bytes=%llu\n", bytes);
                    return 0;
                }
            } else if (fd == listener) {
                int accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (accepted >= 0) watch(epoll, accepted);
            } else {
                /* MSG_TRUNC: TCP throws the bytes away in the kernel, UDP tells the full length */
                ssize_t got;
                while ((got = recv(fd, scratch, sizeof scratch, tcp ? MSG_TRUNC | MSG_DONTWAIT : MSG_DONTWAIT)) > 0) {
                    bytes += (unsigned long long)got;
                    if (tcp && got < (ssize_t)sizeof scratch) break;
                }
                if (tcp && (got == 0 || (got < 0 && errno != EAGAIN))) close(fd);
            }
        }
    }
}

/* ---- sender ---- */

static int fds[MAX_VIEWERS];
static struct sockaddr_in peers[MAX_VIEWERS];
static unsigned char frame[MAX_FRAME];

/* One write; a full socket is waited for, as the viewer's data is not to be lost here. */
static void write_all(int fd, const unsigned char *bytes, size_t length) {
    while (length > 0) {
        ssize_t done = send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (done < 0) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            if (errno != EAGAIN) die("send");
            poll(&wait, 1, -1);
            continue;
        }
        bytes += done;
        length -= (size_t)done;
    }
}

static void send_tcp(int viewers, int packets, int packet, int last, int whole) {
    size_t piece = (size_t)packet + 4, length = piece * (size_t)(packets - 1) + (size_t)last + 4;
    for (int v = 0; v < viewers; v++) {
        if (whole) {
            write_all(fds[v], frame, length);
        } else {
            for (int p = 0; p < packets; p++) {
                write_all(fds[v], frame + piece * (size_t)p, p + 1 < packets ? piece : (size_t)last + 4);
            }
        }
    }
}

static void send_batch(int fd, struct mmsghdr *messages, int count) {
    for (int sent = 0; sent < count;) {
        int done = sendmmsg(fd, messages + sent, (unsigned)(count - sent), 0);
        if (done < 0) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            if (errno == ECONNREFUSED) { sent++; continue; }
            if (errno != EAGAIN && errno != ENOBUFS) die("sendmmsg");
            poll(&wait, 1, 1);
            continue;
        }
        sent += done;
    }
}

/* GSO messages of one frame to every viewer; batch is how many go into one call. */
static void send_gso(int fd, int viewers, int packets, int packet, int last, int batch) {
    static struct mmsghdr messages[BATCH];
    static struct iovec pieces[BATCH];
    static char controls[BATCH][CMSG_SPACE(sizeof(uint16_t))];
    int per_message = MAX_GSO / packet < MAX_SEGMENTS ? MAX_GSO / packet : MAX_SEGMENTS;
    int filled = 0;
    for (int v = 0; v < viewers; v++) {
        for (int p = 0; p < packets; p += per_message) {
            int count = packets - p < per_message ? packets - p : per_message;
            size_t length = (size_t)count * (size_t)packet - (p + count == packets ? (size_t)(packet - last) : 0);
            struct msghdr *header = &messages[filled].msg_hdr;
            pieces[filled].iov_base = frame + (size_t)p * (size_t)packet;
            pieces[filled].iov_len = length;
            memset(header, 0, sizeof *header);
            header->msg_name = &peers[v];
            header->msg_namelen = sizeof peers[v];
            header->msg_iov = &pieces[filled];
            header->msg_iovlen = 1;
            header->msg_control = controls[filled];
            header->msg_controllen = sizeof controls[filled];
            struct cmsghdr *control = CMSG_FIRSTHDR(header);
            control->cmsg_level = SOL_UDP;
            control->cmsg_type = UDP_SEGMENT;
            control->cmsg_len = CMSG_LEN(sizeof(uint16_t));
            uint16_t segment = (uint16_t)packet;
            memcpy(CMSG_DATA(control), &segment, sizeof segment);
            if (++filled == batch) {
                send_batch(fd, messages, filled);
                filled = 0;
            }
        }
    }
    send_batch(fd, messages, filled);
}

static void send_each(int fd, int viewers, int packets, int packet, int last) {
    for (int v = 0; v < viewers; v++) {
        for (int p = 0; p < packets; p++) {
            size_t length = (size_t)(p + 1 < packets ? packet : last);
            while (sendto(fd, frame + (size_t)p * (size_t)packet, length, 0, (struct sockaddr *)&peers[v], sizeof peers[v]) < 0) {
                struct pollfd wait = {.fd = fd, .events = POLLOUT};
                if (errno == ECONNREFUSED) break;
                if (errno != EAGAIN && errno != ENOBUFS) die("sendto");
                poll(&wait, 1, 1);
            }
        }
    }
}

static double seconds_of(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int sender(const char *mode, char *ports, int viewers, int packets, int packet, int last, int fps, double duration) {
    int tcp = strncmp(mode, "tcp", 3) == 0, whole = strcmp(mode, "tcp") == 0, fd = -1;
    if (viewers < 1 || viewers > MAX_VIEWERS || packets < 1 || packet < 64 || last < 1 || last > packet || fps < 1
        || (size_t)packets * (size_t)(packet + 4) > sizeof frame) {
        fprintf(stderr, "limit: figures out of range\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof frame; i++) frame[i] = (unsigned char)i;
    char *rest = ports;
    for (int v = 0; v < viewers; v++) {
        int port = (int)strtol(rest, &rest, 10);
        if (*rest == ',') rest++;
        else if (tcp) rest = ports; /* one port for all */
        peers[v] = loopback(port);
        if (tcp) {
            int one = 1;
            fds[v] = socket(AF_INET, SOCK_STREAM, 0);
            if (fds[v] < 0 || connect(fds[v], (struct sockaddr *)&peers[v], sizeof peers[v]) < 0) die("connect");
            setsockopt(fds[v], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        }
    }
    if (!tcp) {
        int size = 4 << 20;
        fd = bound(SOCK_DGRAM);
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    }
    struct rusage before, after;
    long frames = 0, late = 0;
    double warm = now() + 0.5, start = 0, next = now();
    int measuring = 0;
    for (;;) {
        double moment = now();
        if (!measuring && moment >= warm) {
            measuring = 1;
            frames = late = 0;
            getrusage(RUSAGE_SELF, &before);
            start = moment;
        }
        if (measuring && moment - start >= duration) break;
        if (moment < next) {
            struct timespec pause = {0, (long)((next - moment) * 1e9)};
            nanosleep(&pause, NULL);
            continue;
        }
        if (moment - next > 0.5) { next = moment; late++; }
        if (tcp) send_tcp(viewers, packets, packet, last, whole);
        else if (strcmp(mode, "udp-sendto") == 0) send_each(fd, viewers, packets, packet, last);
        else send_gso(fd, viewers, packets, packet, last, strcmp(mode, "udp-mmsg") == 0 ? BATCH : 1);
        frames++;
        next += 1.0 / fps;
    }
    getrusage(RUSAGE_SELF, &after);
    double wall = now() - start;
    double user = seconds_of(after.ru_utime) - seconds_of(before.ru_utime);
    double system = seconds_of(after.ru_stime) - seconds_of(before.ru_stime);
    double sent = (double)frames * viewers * packets;
    double bits = (double)frames * viewers * ((double)(packets - 1) * packet + last) * 8;
    printf("seconds=%.6f frames=%ld late=%ld packets=%.0f gigabits=%.6f userSeconds=%.6f systemSeconds=%.6f cpuNanosPerPacket=%.3f"
           " cpuSecondsPerGigabit=%.6f\n",
           wall, frames, late, sent, bits / 1e9, user, system, (user + system) * 1e9 / sent, (user + system) / (bits / 1e9));
    return 0;
}

int main(int argc, char **argv) {
    if (argc >= 3 && strcmp(argv[1], "sink") == 0) {
        return sink(strcmp(argv[2], "tcp") == 0, argc > 3 ? atoi(argv[3]) : 0);
    }
    if (argc == 10 && strcmp(argv[1], "send") == 0) {
        return sender(argv[2], argv[3], atoi(argv[4]), atoi(argv[5]), atoi(argv[6]), atoi(argv[7]), atoi(argv[8]), atof(argv[9]));
    }
    fprintf(stderr, "usage: limit sink tcp | limit sink udp N | limit send MODE PORTS VIEWERS PACKETS LENGTH LAST FPS SECONDS\n");
    return 2;
}
