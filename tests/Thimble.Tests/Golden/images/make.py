"""Makes the images of this folder and expected.json: of each its size and the SHA-256 of its red, green and blue bytes.

Needs Debian's python3-pil and libjpeg-turbo-progs (cjpeg). PNG and BMP files are written here, byte by byte, so that every colour type,
depth, filter and pass order occurs; what they must decode to is known from the pixels they are made of. JPEG files are written by cjpeg and
Pillow, and expected as Pillow (libjpeg-turbo) decodes them. Files named bad-* must be refused.
"""
import hashlib, io, json, os, random, struct, subprocess, zlib
from PIL import Image, ImageOps

here = os.path.dirname(os.path.abspath(__file__))
W, H = 37, 29
rng = random.Random(7)
expected = {}


def pixel(x, y):
    inside = (x - 18) ** 2 + (y - 12) ** 2 < 90
    r, g, b = (x * 255 // (W - 1), y * 255 // (H - 1), 255 - (x + y) * 255 // (W + H - 2))
    if inside:
        r, g, b = 230, 40 + x, 60 + 3 * y
    return tuple(max(0, min(255, c + rng.randint(-9, 9))) for c in (r, g, b))


base = [[pixel(x, y) for x in range(W)] for y in range(H)]


def put(name, data, rows=None, orient=False):
    open(os.path.join(here, name), 'wb').write(data)
    if rows is None:
        image = Image.open(io.BytesIO(data))
        if orient:
            image = ImageOps.exif_transpose(image)
        image = image.convert('RGB')
        size, raw = image.size, image.tobytes()
    else:
        size, raw = (len(rows[0]), len(rows)), bytes(c for row in rows for p in row for c in p)
    expected[name] = {'width': size[0], 'height': size[1], 'sha256': hashlib.sha256(raw).hexdigest()}


# PNG

def chunk(kind, body):
    return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))


def pack(samples, depth):
    if depth == 16:
        return b''.join(struct.pack('>H', s) for s in samples)
    bits = ''.join(format(s, f'0{depth}b') for s in samples)
    bits += '0' * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def filtered(rows, reach, start=0):
    out, above = b'', bytes(len(rows[0])) if rows else b''
    for n, row in enumerate(rows):
        f = (n + start) % 5
        line = bytearray()
        for i, v in enumerate(row):
            a = row[i - reach] if i >= reach else 0
            b = above[i]
            c = above[i - reach] if i >= reach else 0
            line.append((v - (0, a, b, (a + b) // 2, paeth(a, b, c))[f]) & 255)
        out += bytes([f]) + bytes(line)
        above = row
    return out


PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(grid, colour, depth, interlaced, extra=b'', split=1):
    """grid: rows of pixels, each a tuple of samples as stored."""
    h, w = len(grid), len(grid[0])
    reach = max(1, len(grid[0][0]) * depth // 8)
    raw = b''
    for x0, y0, dx, dy in PASSES if interlaced else [(0, 0, 1, 1)]:
        part = [pack([s for x in range(x0, w, dx) for s in grid[y][x]], depth) for y in range(y0, h, dy)]
        if part and part[0]:
            raw += filtered(part, reach, x0)
    data = zlib.compress(raw, 9)
    step = (len(data) + split - 1) // split
    idat = b''.join(chunk(b'IDAT', data[i:i + step]) for i in range(0, len(data), step))
    head = struct.pack('>IIBBBBB', w, h, depth, colour, 0, 0, interlaced)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'tEXt', b'Comment\0made by make.py') + extra + idat + chunk(b'IEND', b'')


def eight(s, depth):
    return s >> 8 if depth == 16 else s * 255 // ((1 << depth) - 1)


def white(c, a):
    return (c * a + 255 * (255 - a) + 127) // 255


def sample(c, depth):
    return c * 257 if depth == 16 else c >> (8 - depth)


def noisy16(c):
    return min(65535, c * 256 + rng.randint(0, 255))


def grey(p):
    return (p[0] * 3 + p[1] * 6 + p[2]) // 10


alphas = [[(x * 11 + y * 5) % 256 for x in range(W)] for y in range(H)]
for interlaced in (0, 1):
    tail = '-interlaced' if interlaced else ''
    for depth in (1, 2, 4, 8, 16):
        grid = [[((noisy16(grey(p)) if depth == 16 else sample(grey(p), depth)),) for p in row] for row in base]
        put(f'grey{depth}{tail}.png', png(grid, 0, depth, interlaced, split=3), [[(eight(p[0], depth),) * 3 for p in row] for row in grid])
    for depth in (8, 16):
        grid = [[tuple(noisy16(c) if depth == 16 else c for c in p) for p in row] for row in base]
        put(f'rgb{depth}{tail}.png', png(grid, 2, depth, interlaced), [[tuple(eight(c, depth) for c in p) for p in row] for row in grid])
        alpha = [[tuple(noisy16(c) if depth == 16 else c for c in (grey(base[y][x]), alphas[y][x])) for x in range(W)] for y in range(H)]
        put(f'grey-alpha{depth}{tail}.png', png(alpha, 4, depth, interlaced),
            [[(white(eight(g, depth), eight(a, depth)),) * 3 for g, a in row] for row in alpha])
        alpha = [[grid[y][x] + (noisy16(alphas[y][x]) if depth == 16 else alphas[y][x],) for x in range(W)] for y in range(H)]
        put(f'rgb-alpha{depth}{tail}.png', png(alpha, 6, depth, interlaced),
            [[tuple(white(eight(c, depth), eight(p[3], depth)) for c in p[:3]) for p in row] for row in alpha])
    for depth in (1, 2, 4, 8):
        colours = 1 << depth
        palette = [tuple(rng.randint(0, 255) for _ in range(3)) for _ in range(colours)]
        clear = [rng.randint(0, 255) for _ in range(colours // 2)]
        grid = [[((x * 7 + y * 3) % colours,) for x in range(W)] for y in range(H)]
        table = chunk(b'PLTE', bytes(c for p in palette for c in p))
        put(f'palette{depth}{tail}.png', png(grid, 3, depth, interlaced, table), [[palette[p[0]] for p in row] for row in grid])
        lit = [tuple(white(c, clear[i]) for c in p) if i < len(clear) else p for i, p in enumerate(palette)]
        put(f'palette-alpha{depth}{tail}.png', png(grid, 3, depth, interlaced, table + chunk(b'tRNS', bytes(clear))), [[lit[p[0]] for p in row] for row in grid])
for name, colour, depth, key in (('grey-clear4', 0, 4, (5,)), ('grey-clear16', 0, 16, (20000,)), ('rgb-clear8', 2, 8, (230, 50, 90))):
    grid = [[key if (x + y) % 5 == 0 else (sample(grey(p), depth),) if colour == 0 else p for x, p in enumerate(row)] for y, row in enumerate(base)]
    put(f'{name}.png', png(grid, colour, depth, 0, chunk(b'tRNS', b''.join(struct.pack('>H', k) for k in key))),
        [[(255,) * 3 if p == key else tuple(eight(c, depth) for c in p) * (1 if colour == 2 else 3) for p in row] for row in grid])
for w, h in ((1, 1), (3, 2), (5, 9)):
    grid = [row[:w] for row in base[:h]]
    put(f'tiny{w}x{h}-interlaced.png', png(grid, 2, 8, 1), grid)

# BMP

def bmp(bits, rows, packing=0, palette=b'', header=40, masks=b'', down=False, data=None):
    h, w = len(rows), len(rows[0])
    if data is None:
        lines = []
        for row in rows:
            line = b''.join(row) if isinstance(row[0], bytes) else pack(row, bits)
            lines.append(line + b'\0' * (-len(line) % 4))
        data = b''.join(lines if down else reversed(lines))
    if header == 12:
        head = struct.pack('<IHHHH', 12, w, h, 1, bits)
    else:
        head = struct.pack('<IiiHHIIiiII', header, w, -h if down else h, 1, bits, packing, len(data), 2835, 2835, len(palette) // 4, 0)
        head += masks + b'\0' * (header - 40 - len(masks)) if header > 40 else masks
    start = 14 + len(head) + len(palette)
    return b'BM' + struct.pack('<IHHI', start + len(data), 0, 0, start) + head + palette + data


for bits in (1, 4, 8):
    palette = [tuple(rng.randint(0, 255) for _ in range(3)) for _ in range(1 << bits)]
    places = [[(x * 5 + y * 3) % (1 << bits) for x in range(W)] for y in range(H)]
    shown = [[palette[p] for p in row] for row in places]
    put(f'bits{bits}.bmp', bmp(bits, places, palette=b''.join(bytes((b, g, r, 0)) for r, g, b in palette)), shown)
    put(f'bits{bits}-old.bmp', bmp(bits, places, palette=b''.join(bytes((b, g, r)) for r, g, b in palette), header=12), shown)
    if bits > 1:
        places = [[(x // 6 + y) % (1 << bits) if x < 20 else (x * 7) % (1 << bits) for x in range(W)] for y in range(H)]
        data = b''
        for y in reversed(range(H)):
            row, x = places[y], 0
            while x < 18:
                data += bytes((6, row[x] if bits == 8 else row[x] * 17))
                x += 6
            data += bytes((2, row[18] if bits == 8 else row[18] * 16 + row[19]))
            values = row[20:] if bits == 8 else pack(row[20:], 4)
            data += bytes((0, W - 20)) + bytes(values) + b'\0' * (len(values) % 2) + b'\0\0'
        put(f'runs{bits}.bmp', bmp(bits, places, packing=1 if bits == 8 else 2, palette=b''.join(bytes((b, g, r, 0)) for r, g, b in palette), data=data + b'\0\1'),
            [[palette[p] for p in row] for row in places])
plain = [[bytes((b, g, r)) for r, g, b in row] for row in base]
put('bits24.bmp', bmp(24, plain), base)
put('bits24-down.bmp', bmp(24, plain, down=True), base)
put('bits24-old.bmp', bmp(24, plain, header=12), base)
put('bits32.bmp', bmp(32, [[p + b'\7' for p in row] for row in plain]), base)
put('bits16.bmp', bmp(16, [[struct.pack('<H', (r >> 3) << 10 | (g >> 3) << 5 | b >> 3) for r, g, b in row] for row in base]),
    [[tuple((c >> 3) * 255 // 31 for c in p) for p in row] for row in base])
put('bits16-masks.bmp', bmp(16, [[struct.pack('<H', (r >> 3) << 11 | (g >> 2) << 5 | b >> 3) for r, g, b in row] for row in base], packing=3,
    masks=struct.pack('<III', 0xF800, 0x7E0, 0x1F)), [[((r >> 3) * 255 // 31, (g >> 2) * 255 // 63, (b >> 3) * 255 // 31) for r, g, b in row] for row in base])
put('bits32-alpha.bmp', bmp(32, [[struct.pack('<I', a << 24 | r << 16 | g << 8 | b) for (r, g, b), a in zip(row, line)] for row, line in zip(base, alphas)],
    packing=3, header=108, masks=struct.pack('<IIII', 0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
    [[tuple(white(c, a) for c in p) for p, a in zip(row, line)] for row, line in zip(base, alphas)])

# JPEG

picture = Image.frombytes('RGB', (W, H), bytes(c for row in base for p in row for c in p))


def cjpeg(name, *options, image=picture):
    buffer = io.BytesIO()
    image.save(buffer, 'PPM')
    put(name, subprocess.run(['cjpeg', '-quality', '85', *options], input=buffer.getvalue(), capture_output=True, check=True).stdout)


wide = picture.resize((150, 70))
for sampling in ('1x1', '2x1', '1x2', '2x2', '4x1', '1x4', '4x2'):
    for progressive in ((), ('-progressive',)):
        cjpeg(f"sampling{sampling}{'-progressive' if progressive else ''}.jpg", '-sample', sampling, *progressive)
cjpeg('odd-sampling.jpg', '-sample', '3x1,1x1,1x1')
cjpeg('grey.jpg', '-grayscale')
cjpeg('grey-progressive.jpg', '-grayscale', '-progressive')
cjpeg('restart.jpg', '-sample', '2x2', '-restart', '2B', image=wide)
cjpeg('restart-progressive.jpg', '-sample', '2x2', '-progressive', '-restart', '3B', image=wide)
cjpeg('optimised.jpg', '-optimize', '-quality', '97', image=wide)
cjpeg('coarse.jpg', '-quality', '3', image=wide)
cjpeg('fine-progressive.jpg', '-quality', '100', '-progressive', image=wide)
cjpeg('rgb.jpg', '-rgb')
for w, h in ((1, 1), (2, 3), (16, 16), (17, 8)):
    cjpeg(f'tiny{w}x{h}.jpg', '-sample', '2x2', image=picture.crop((4, 4, 4 + w, 4 + h)))
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[274] = orientation
    buffer = io.BytesIO()
    picture.save(buffer, 'JPEG', quality=88, exif=exif)
    put(f'held{orientation}.jpg', buffer.getvalue(), orient=True)
buffer = io.BytesIO()
picture.convert('CMYK').save(buffer, 'JPEG', quality=90)
put('inks.jpg', buffer.getvalue())

for name in sorted(os.listdir(here)):
    if name.split('.')[-1] in ('png', 'bmp', 'jpg') and name not in expected:
        os.remove(os.path.join(here, name))
with open(os.path.join(here, 'expected.json'), 'w') as file:
    file.write('{\n' + ',\n'.join(f'  "{name}": {json.dumps(value)}' for name, value in sorted(expected.items())) + '\n}\n')
