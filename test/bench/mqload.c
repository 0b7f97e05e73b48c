// mqload: a closed-loop MQTT 3.1.1 load generator for one broker on 127.0.0.1.
// One epoll thread, so that on a two-core machine the broker keeps a core to itself.
//
//   mqload pairs  PORT PAIRS WINDOW QOS BYTES SECONDS   publisher i -> topic load/i -> subscriber i
//   mqload fanout PORT SUBS  WINDOW QOS BYTES SECONDS   one publisher -> one topic -> SUBS subscribers
//   mqload idle   PORT CONNS SECONDS                    CONNS idle connections held for SECONDS
//   mqload churn  PORT LOOPS SECONDS                    LOOPS concurrent connect/disconnect loops
//
// And what lasts, with sessions that outlive their connections (clean session 0, by the same names in each run):
//   mqload durable PORT PAIRS WINDOW QOS BYTES SECONDS  as pairs; counted is what the broker has acknowledged,
//                                                       at most WINDOW not acknowledged or not yet seen
//   mqload fill   PORT SESSIONS WINDOW COUNT BYTES SECONDS  COUNT QoS 1 messages to sessions whose clients are
//                                                       away, as far as that goes in SECONDS
//   mqload drain  PORT SESSIONS SECONDS                 these come back and take what waits, until none comes
//   mqload leave  PORT SESSIONS                         clients that connect, subscribe and go
//   mqload resume PORT SESSIONS                         these come back, one after the other, and go
//   mqload retain PORT COUNT BYTES                      COUNT retained messages, QoS 1
//   mqload recall PORT COUNT                            one of these, to see that it is there
//   mqload log    FILE GROUP BYTES SECONDS              no broker: a file, fdatasync'd after each GROUP messages
//
// "Closed loop": at most WINDOW messages of a publisher are under way (published, not yet seen by
// every subscriber), so nothing is dropped and the figure is delivered messages a second.
// Prints one JSON object. Username: MQLOAD_USER (a %d in it is the pair's number), password: MQLOAD_PASS.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { IN = 1 << 16 };
typedef struct Conn {
  int fd, role, pair, ready;            // role: 0 publisher, 1 subscriber
  unsigned char *in; int inlen;
  unsigned char *out; int outlen, outcap, outoff;
  int inflight; unsigned short pid; int closing; long life;
  int unseen; double *sent;             // durable: sent and not yet seen; when, by packet identifier
} Conn;
enum { SENT = 1 << 10, LEAVERS = 50, RETAIN_WINDOW = 500 };

static int ep, port, qos, bytes, window, npairs, nsubs;
static double seconds;
static Conn *conns; static int nconns;
static long delivered, published, acked, connected, failed;
static int ready_count;
static double *lat; static long latn, latcap;
static const char *mode;
static int is_durable, is_retain, keep, lonely;  // keep: sessions last; lonely: a client comes, and goes when it is ready
static long limit = -1, next_leaver, ready_total;
static double last_seen;

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }
static void die(const char *m) { perror(m); exit(1); }

static void want(Conn *c, int write) {
  struct epoll_event e = { .events = EPOLLIN | (write ? EPOLLOUT : 0), .data.ptr = c };
  epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
}
static void flush_out(Conn *c) {
  while (c->outoff < c->outlen) {
    ssize_t n = write(c->fd, c->out + c->outoff, c->outlen - c->outoff);
    if (n < 0) { if (errno == EAGAIN) { want(c, 1); return; } if (c->closing) return; die("write"); }
    c->outoff += n;
  }
  c->outlen = c->outoff = 0; want(c, 0);
}
static void put(Conn *c, const void *p, int n) {
  if (c->outlen + n > c->outcap) { c->outcap = (c->outlen + n) * 2; c->out = realloc(c->out, c->outcap); }
  memcpy(c->out + c->outlen, p, n); c->outlen += n;
}
static int varint(unsigned char *b, int n) { int i = 0; do { b[i] = n & 127; n >>= 7; if (n) b[i] |= 128; i++; } while (n); return i; }
static int str(unsigned char *b, const char *s) { int n = strlen(s); b[0] = n >> 8; b[1] = n & 255; memcpy(b + 2, s, n); return n + 2; }

static void send_connect(Conn *c) {
  unsigned char body[512], pkt[600]; int n = 0; char id[64], user[128];
  const char *u = getenv("MQLOAD_USER"), *p = getenv("MQLOAD_PASS");
  n += str(body, "MQTT"); body[n++] = 4; body[n++] = (keep && c->role ? 0 : 2) | (u ? 0x80 : 0) | (p ? 0x40 : 0); body[n++] = 0; body[n++] = 0;
  if (keep && c->role) snprintf(id, sizeof id, "keep-%d", c->pair);
  else snprintf(id, sizeof id, "load-%c-%ld-%d", c->role ? 's' : 'p', (long)(c - conns), getpid());
  n += str(body + n, id);
  if (u) { snprintf(user, sizeof user, u, c->pair); n += str(body + n, user); }
  if (p) n += str(body + n, p);
  int h = 0; pkt[h++] = 0x10; h += varint(pkt + h, n); memcpy(pkt + h, body, n); put(c, pkt, h + n);
}
static void topic_of(char t[64], long n) {
  if (is_retain) snprintf(t, 64, "load/%ld/%ld/%ld", n / 10000, n / 100 % 100, n % 100);
  else snprintf(t, 64, "load/%ld", n);
}
static void send_subscribe(Conn *c) {
  unsigned char body[128], pkt[140]; int n = 0; char t[64];
  topic_of(t, c->pair); body[n++] = 0; body[n++] = 1; n += str(body + n, t); body[n++] = qos;
  int h = 0; pkt[h++] = 0x82; h += varint(pkt + h, n); memcpy(pkt + h, body, n); put(c, pkt, h + n);
}
static void send_publish(Conn *c) {
  static unsigned char pkt[1 << 20]; unsigned char topic[64]; char t[64];
  topic_of(t, is_retain ? published : c->pair); int tn = str(topic, t), n = tn + (qos ? 2 : 0) + bytes, h = 0;
  pkt[h++] = 0x30 | qos << 1 | is_retain; h += varint(pkt + h, n); memcpy(pkt + h, topic, tn); h += tn;
  if (qos) { if (!++c->pid) c->pid = 1; pkt[h++] = c->pid >> 8; pkt[h++] = c->pid & 255; }
  double at = now(); memset(pkt + h, 'x', bytes); memcpy(pkt + h, &at, sizeof at); h += bytes;
  put(c, pkt, h); c->inflight++; published++;
  if (is_durable) { c->unseen++; c->sent[c->pid % SENT] = at; }
}
static void pump(Conn *c) { int sent = 0; while (c->inflight < window && c->unseen < window && published != limit) { send_publish(c); sent = 1; } if (sent) flush_out(c); }

static void open_conn(Conn *c) {
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
  // spread the source over 127.0.0.0/8, so that more connections than one address has ports can be held
  struct sockaddr_in s = { .sin_family = AF_INET }; s.sin_addr.s_addr = htonl(0x7f000001 + ((c - conns) / 20000));
  a.sin_addr.s_addr = htonl(0x7f000001);
  c->fd = socket(AF_INET, SOCK_STREAM, 0); if (c->fd < 0) die("socket");
  int one = 1; setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
#ifdef IP_BIND_ADDRESS_NO_PORT
  setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
#endif
  bind(c->fd, (void *)&s, sizeof s);
  if (connect(c->fd, (void *)&a, sizeof a) < 0) die("connect");
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  c->inlen = c->outlen = c->outoff = 0; c->ready = 0; c->closing = 0; c->life++;
  struct epoll_event e = { .events = EPOLLIN, .data.ptr = c }; epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
  send_connect(c); flush_out(c);
}
static void ready(Conn *c) { if (!c->ready) { c->ready = 1; ready_count++; } }
static void leave(Conn *c) {
  unsigned char d[2] = { 0xe0, 0 }; c->closing = 1; put(c, d, 2); flush_out(c); close(c->fd); ready_total++;
  if (next_leaver < limit) { c->pair = next_leaver++; open_conn(c); }
}
static void acknowledged(Conn *c, int id) {
  acked++;
  if (!keep) return;
  c->inflight--;
  if (is_durable && latn < latcap) lat[latn++] = now() - c->sent[id % SENT];
}

static void on_delivery(Conn *c, const unsigned char *payload) {
  delivered++; last_seen = now();
  if (!keep && (delivered & 15) == 0) { double at; memcpy(&at, payload, sizeof at); if (latn < latcap) lat[latn++] = now() - at; }
  (void)c;
}
static int comes_back(void) { return !strcmp(mode, "drain") || !strcmp(mode, "resume"); }
static int *fan_left; static long fan_head;
static void handle(Conn *c, int type, unsigned char *b, int n, int flags) {
  if (type == 2) {
    if (b[1]) { failed++; fprintf(stderr, "CONNACK %d\n", b[1]); exit(2); }
    connected++;
    if (!strcmp(mode, "churn")) { unsigned char d[2] = { 0xe0, 0 }; c->closing = 1; put(c, d, 2); flush_out(c); close(c->fd); open_conn(c); return; }
    if (!c->role) ready(c);
    else if (comes_back()) {
      if (!b[0]) { fprintf(stderr, "session %d is not there\n", c->pair); exit(2); }
      if (lonely) leave(c); else ready(c);
    } else { send_subscribe(c); flush_out(c); }
  } else if (type == 9) { if (b[2] > 2) { fprintf(stderr, "SUBACK %d\n", b[2]); exit(2); } if (lonely) leave(c); else ready(c); }
  else if (type == 3) {
    int tn = b[0] << 8 | b[1], off = 2 + tn, q = flags >> 1 & 3;
    if (q) { unsigned char a[4] = { q == 1 ? 0x40 : 0x50, 2, b[off], b[off + 1] }; put(c, a, 4); off += 2; }
    on_delivery(c, b + off);
    if (!strcmp(mode, "pairs")) conns[c->pair * 2].inflight--;
    else if (is_durable) conns[c->pair * 2].unseen--;
    else if (!strcmp(mode, "fanout")) { // fanout: a message counts as seen when every subscriber has had as many
      fan_left[c - conns]++;
      if (fan_left[c - conns] == fan_head + 1) {
        int all = 1; for (int i = 1; i < nconns; i++) if (fan_left[i] <= fan_head) { all = 0; break; }
        if (all) { fan_head++; conns[0].inflight--; }
      }
    }
    (void)n;
  } else if (type == 4) acknowledged(c, b[0] << 8 | b[1]);
  else if (type == 5) { unsigned char a[4] = { 0x62, 2, b[0], b[1] }; put(c, a, 4); }
  else if (type == 6) { unsigned char a[4] = { 0x70, 2, b[0], b[1] }; put(c, a, 4); }
  else if (type == 7) acknowledged(c, b[0] << 8 | b[1]);
}
static void on_readable(Conn *c) {
  if (!c->in) c->in = malloc(IN * 2);
  ssize_t r = read(c->fd, c->in + c->inlen, IN * 2 - c->inlen);
  if (r <= 0) { if (r < 0 && (errno == EAGAIN || errno == EBADF)) return; fprintf(stderr, "connection %ld closed by broker\n", (long)(c - conns)); exit(3); }
  c->inlen += r; int p = 0;
  long life = c->life;
  while (c->inlen - p >= 2) {
    int len = 0, mul = 1, i = 1;
    for (;;) { if (p + i >= c->inlen) goto more; unsigned char d = c->in[p + i++]; len += (d & 127) * mul; mul *= 128; if (!(d & 128)) break; }
    if (p + i + len > c->inlen) break;
    handle(c, c->in[p] >> 4, c->in + p + i, len, c->in[p] & 15);
    if (c->life != life) return; // churn opened it anew
    p += i + len;
  }
more:
  memmove(c->in, c->in + p, c->inlen - p); c->inlen -= p;
  if (c->outlen > c->outoff) flush_out(c);
}
static void poll_once(int ms) {
  struct epoll_event ev[512]; int n = epoll_wait(ep, ev, 512, ms);
  for (int i = 0; i < n; i++) { Conn *c = ev[i].data.ptr; if (ev[i].events & EPOLLOUT) flush_out(c); if (ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_readable(c); }
}
static int cmp(const void *a, const void *b) { double x = *(double *)a, y = *(double *)b; return x < y ? -1 : x > y; }

static void open_all(int count, int role, int step, int pairs) {
  nconns = count; conns = calloc(count, sizeof *conns); ready_count = 0;
  for (int i = 0; i < count; i++) {
    Conn *c = &conns[i]; c->role = pairs ? i & 1 : role; c->pair = pairs ? i / 2 : i; c->sent = calloc(SENT, sizeof *c->sent);
    open_conn(c); while (i - ready_count > step) poll_once(100);
  }
  while (ready_count < nconns) poll_once(1000);
}
/** Each of COUNT clients comes and goes once. */
static double all_leave(int count) {
  double t0 = now(); lonely = 1; limit = count; next_leaver = count < LEAVERS ? count : LEAVERS;
  nconns = next_leaver; conns = calloc(nconns, sizeof *conns);
  for (int i = 0; i < nconns; i++) { conns[i].role = 1; conns[i].pair = i; open_conn(&conns[i]); }
  while (ready_total < count) poll_once(1000);
  lonely = 0;
  return now() - t0;
}
static void write_log(const char *file, int group, double for_seconds) {
  int fd = open(file, O_CREAT | O_WRONLY | O_APPEND, 0600); if (fd < 0) die(file);
  char *messages = malloc((size_t)group * bytes); memset(messages, 'x', (size_t)group * bytes);
  double t0 = now(); long written = 0; latn = 0;
  while (now() - t0 < for_seconds) {
    double at = now();
    if (write(fd, messages, (size_t)group * bytes) < 0 || fdatasync(fd) < 0) die(file);
    written += group; if (latn < latcap) lat[latn++] = now() - at;
  }
  double el = now() - t0; qsort(lat, latn, sizeof *lat, cmp); close(fd);
  printf("{\"mode\":\"log\",\"per_s\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"total\":%ld}\n",
    written / el, lat[latn / 2] * 1e3, lat[latn * 99 / 100] * 1e3, written);
}
/** The modes with what lasts. @returns whether it was one of them. */
static int lasting(char **argv) {
  keep = 1; qos = 1; latcap = 4 << 20; lat = malloc(latcap * sizeof *lat);
  if (!strcmp(mode, "log")) { bytes = atoi(argv[4]); write_log(argv[2], atoi(argv[3]), atof(argv[5])); return 1; }
  int count = atoi(argv[3]); double el; long done;
  if (!strcmp(mode, "durable")) {
    is_durable = 1; window = atoi(argv[4]); qos = atoi(argv[5]); bytes = atoi(argv[6]); seconds = atof(argv[7]);
    open_all(2 * count, 0, 100, 1);
    double start = now(), warm = seconds * 0.25, from = 0; long a0 = 0;
    for (double t; (t = now()) < start + warm + seconds; poll_once(100)) {
      if (!from && t >= start + warm) { from = t; a0 = acked; latn = 0; }
      for (int i = 0; i < nconns; i += 2) pump(&conns[i]);
    }
    el = now() - from; done = acked - a0; qsort(lat, latn, sizeof *lat, cmp);
  } else if (!strcmp(mode, "fill")) {
    int sessions = count; window = atoi(argv[4]); count = atoi(argv[5]); bytes = atoi(argv[6]);
    all_leave(sessions); limit = count; open_all(sessions, 0, 100, 0);
    double start = now(), end = start + atof(argv[7]);
    while (acked < published || (published < count && now() < end)) {
      if (now() < end) for (int i = 0; i < nconns; i++) pump(&conns[i]);
      if (acked < published) poll_once(1000);
    }
    el = now() - start; done = acked;
  } else if (!strcmp(mode, "drain")) {
    double start = now(), quiet = atof(argv[4]); last_seen = start; open_all(count, 1, 100, 0);
    while (now() - last_seen < quiet) poll_once(100);
    el = last_seen - start; done = delivered;
  } else if (!strcmp(mode, "leave") || !strcmp(mode, "resume")) { el = all_leave(count); done = count; }
  else if (!strcmp(mode, "retain")) {
    is_retain = 1; bytes = atoi(argv[4]); limit = count; window = RETAIN_WINDOW; open_all(1, 0, 1, 0);
    double start = now();
    while (acked < count) { pump(conns); poll_once(1000); }
    el = now() - start; done = acked;
  } else if (!strcmp(mode, "recall")) {
    double start = now(); keep = 0; is_retain = 1; nconns = 1; conns = calloc(1, sizeof *conns); conns->role = 1; conns->pair = count / 2;
    open_conn(conns); while (!delivered) poll_once(1000);
    el = now() - start; done = 1;
  } else return 0;
  printf("{\"mode\":\"%s\",\"per_s\":%.0f,\"total\":%ld", mode, done / el, is_durable ? acked : done);
  if (is_durable && latn) printf(",\"p50_ms\":%.3f,\"p99_ms\":%.3f", lat[latn / 2] * 1e3, lat[latn * 99 / 100] * 1e3);
  printf("}\n");
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 4) { fprintf(stderr, "see the head of mqload.c\n"); return 64; }
  struct rlimit rl = { 1 << 20, 1 << 20 }; setrlimit(RLIMIT_NOFILE, &rl);
  mode = argv[1]; port = atoi(argv[2]); ep = epoll_create1(0);
  int idle = !strcmp(mode, "idle"), churn = !strcmp(mode, "churn"), pairs = !strcmp(mode, "pairs"), fan = !strcmp(mode, "fanout");
  if (!idle && !churn && !pairs && !fan) return lasting(argv) ? 0 : 64;
  int count = atoi(argv[3]);
  if (idle || churn) { seconds = atof(argv[4]); nconns = count; }
  else { window = atoi(argv[4]); qos = atoi(argv[5]); bytes = atoi(argv[6]); seconds = atof(argv[7]); npairs = count; nsubs = count; nconns = pairs ? 2 * count : 1 + count; if (bytes < 8) bytes = 8; }
  conns = calloc(nconns, sizeof *conns); latcap = 4 << 20; lat = malloc(latcap * sizeof *lat); fan_left = calloc(nconns + 1, sizeof *fan_left);
  for (int i = 0; i < nconns; i++) { Conn *c = &conns[i]; c->role = pairs ? i & 1 : fan ? i > 0 : 0; c->pair = pairs ? i / 2 : 0; }
  double t0 = now();
  for (int i = 0; i < nconns; i++) { open_conn(&conns[i]); while (!churn && i - ready_count > 100) poll_once(100); }
  if (!churn) while (ready_count < nconns) poll_once(1000);
  double up = now() - t0;
  if (idle) {
    printf("{\"mode\":\"idle\",\"connections\":%d,\"connect_seconds\":%.3f,\"connects_per_s\":%.0f}\n", nconns, up, nconns / up); fflush(stdout);
    double end = now() + seconds; while (now() < end) poll_once(200);
    return 0;
  }
  double warm = churn ? 0.5 : seconds * 0.25, start = now(), end = start + warm + seconds; int counting = 0; long d0 = 0, c0 = 0; double m0 = 0;
  for (;;) {
    double t = now();
    if (!counting && t - start >= warm) { counting = 1; d0 = delivered; c0 = connected; m0 = t; latn = 0; }
    if (t >= end) break;
    if (pairs) for (int i = 0; i < npairs; i++) pump(&conns[i * 2]);
    if (fan) pump(&conns[0]);
    poll_once(100);
  }
  double el = now() - m0; qsort(lat, latn, sizeof *lat, cmp);
  if (churn) { printf("{\"mode\":\"churn\",\"loops\":%d,\"connects_per_s\":%.0f,\"total\":%ld}\n", nconns, (connected - c0) / el, connected); return 0; }
  printf("{\"mode\":\"%s\",\"n\":%d,\"window\":%d,\"qos\":%d,\"bytes\":%d,\"delivered_per_s\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"total\":%ld}\n",
    mode, count, window, qos, bytes, (delivered - d0) / el, latn ? lat[latn / 2] * 1e3 : 0, latn ? lat[latn * 99 / 100] * 1e3 : 0, latn ? lat[latn * 999 / 1000] * 1e3 : 0, delivered);
  return 0;
}
