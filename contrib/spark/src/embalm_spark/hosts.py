"""Which hosts a post's capture visits, and so which posts belong to one task."""

import zlib
from urllib.parse import urlsplit

#: Platforms with hosts of their own: all of a line count as one, so that one task at a time visits any of them. A host
#: that is missing here costs a further round, never politeness: the binary asks no host that its task does not have.
FAMILIES = {
    "twitter": ("x.com", "twitter.com", "twimg.com", "t.co"),
    "bluesky": ("bsky.app", "bsky.network", "bsky.social", "plc.directory"),
    "meta": ("instagram.com", "cdninstagram.com", "facebook.com", "fbcdn.net", "fb.watch", "fb.com", "threads.net", "threads.com"),
    "tiktok": ("tiktok.com", "tiktokcdn.com", "tiktokcdn-us.com", "tiktokv.com"),
    "google": ("youtube.com", "youtu.be", "youtube-nocookie.com", "ytimg.com", "ggpht.com", "googleusercontent.com"),
    "reddit": ("reddit.com", "redd.it", "redditmedia.com", "redditstatic.com"),
    "telegram": ("t.me", "telegram.me", "telegram.org", "telesco.pe", "cdn-telegram.org"),
    "vimeo": ("vimeo.com", "vimeocdn.com"),
    "tumblr": ("tumblr.com",),
    "linkedin": ("linkedin.com", "licdn.com"),
    "pinterest": ("pinterest.com", "pinimg.com", "pin.it"),
    "vk": ("vk.com", "vk.ru", "vkvideo.ru", "userapi.com"),
    "imgur": ("imgur.com",),
    "flickr": ("flickr.com", "staticflickr.com", "flic.kr"),
    "soundcloud": ("soundcloud.com", "sndcdn.com"),
    "spotify": ("spotify.com", "scdn.co"),
    "twitch": ("twitch.tv", "jtvnw.net"),
    "dailymotion": ("dailymotion.com", "dai.ly", "dmcdn.net"),
    "giphy": ("giphy.com", "gph.is"),
    "weibo": ("weibo.com", "weibo.cn", "sinaimg.cn"),
}

#: The shard of posts that have no address, for their pages give none: nobody is asked for them, their words are kept.
UNNAMED = "unnamed"

_FAMILY_OF = {host: family for family, hosts in FAMILIES.items() for host in hosts}


def host_of(url):
    """The host of an address, in lower case; none where it has none."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.rstrip(".") if host and "." in host else None


def root(host):
    """The last two labels of a host. Hosts with one root are kept together: so a host is never parted from its subdomains.
    Where a registry sells third labels (``example.co.uk``), more are together than need be, which does no harm."""
    return ".".join(host.split(".")[-2:])


def shard_of(url, buckets):
    """The shard of a post by its address: that of its platform, or the bucket of its host's root. None: it has no host."""
    if url is None:
        return UNNAMED
    host = host_of(url)
    if host is None:
        return None
    top = root(host)
    family = _FAMILY_OF.get(host) or _FAMILY_OF.get(top)
    return family if family else f"hosts-{zlib.crc32(top.encode()) % buckets:04}"


def fence_of(shard, urls):
    """The hosts, with their subdomains, that a shard's posts are captured from."""
    if shard in FAMILIES:
        return set(FAMILIES[shard])
    if shard == UNNAMED:
        return {"unnamed.invalid"}
    names = (host_of(url) for url in urls)
    return {name[4:] if name.startswith("www.") else name for name in names if name}


def together(fences, visited=None):
    """Groups of shards no two of which share the root of a host: what one task at a time may visit.

    ``fences``: shard to hosts. ``visited``: shard to when it was, for those that were. Gives lists of shards: those first that
    have waited longest, and of these the one with the most hosts.
    """
    visited = visited or {}
    parent = {shard: shard for shard in fences}

    def top(shard):
        while parent[shard] != shard:
            parent[shard] = parent[parent[shard]]
            shard = parent[shard]
        return shard

    owner = {}
    for shard in sorted(fences):
        for name in sorted({root(host) for host in fences[shard]}):
            parent[top(shard)] = top(owner.setdefault(name, shard))
    groups = {}
    for shard in sorted(fences):
        groups.setdefault(top(shard), []).append(shard)
    for group in groups.values():
        group.sort(key=lambda shard: (visited.get(shard, 0), shard))
    return sorted(groups.values(), key=lambda group: (
        min(visited.get(shard, 0) for shard in group), -sum(len(fences[shard]) for shard in group), group))
