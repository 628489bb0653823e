"""Makes the files of this folder: for each projector a tiny text model and a tiny tower of random weights, a picture, and what
llama.cpp's libmtmd makes of them.

    make.py ORACLE LIBRARY

ORACLE is oracle.cpp of this folder, built against llama.cpp's headers; LIBRARY a shared library with llama.cpp and libmtmd in it.
Needs Debian's python3-numpy and python3-pil.
"""
import os, struct, subprocess, sys
import numpy as np
from PIL import Image

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(11)
U32, I32, F32, BOOL, STR, ARR = 4, 5, 6, 7, 8, 9


def string(s):
    b = s.encode()
    return struct.pack('<Q', len(b)) + b


def value(v):
    if isinstance(v, bool):
        return BOOL, struct.pack('<?', v)
    if isinstance(v, int):
        return U32, struct.pack('<I', v)
    if isinstance(v, float):
        return F32, struct.pack('<f', v)
    if isinstance(v, str):
        return STR, string(v)
    kind = value(v[0])[0]
    kind = I32 if kind == U32 else kind
    body = b''.join(struct.pack('<i', x) if kind == I32 else value(x)[1] for x in v)
    return ARR, struct.pack('<IQ', kind, len(v)) + body


def gguf(path, keys, tensors):
    out = struct.pack('<IIQQ', 0x46554747, 3, len(tensors), len(keys))
    for k, v in keys.items():
        kind, body = value(v)
        out += string(k) + struct.pack('<I', kind) + body
    offset, data = 0, []
    for name, a in tensors.items():
        a = np.ascontiguousarray(a, dtype=np.float16 if a.dtype == np.float16 else np.float32)
        out += string(name) + struct.pack('<I', a.ndim) + b''.join(struct.pack('<Q', d) for d in reversed(a.shape)) + struct.pack('<IQ', int(a.dtype == np.float16), offset)
        raw = a.tobytes() + b'\0' * (-a.nbytes % 32)
        data.append(raw)
        offset += len(raw)
    open(path, 'wb').write(out + b'\0' * (-len(out) % 32) + b''.join(data))


def matrix(rows, columns):
    return rng.standard_normal((rows, columns)) / np.sqrt(columns)


def gain(n):
    return 1 + 0.1 * rng.standard_normal(n)


def bias(n):
    return 0.1 * rng.standard_normal(n)


# Text

WIDTH, HEADS, KEYS, SIZE, WIDE = 32, 4, 2, 8, 48


def vocabulary(specials):
    letters = [chr(c) for c in list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))]
    letters += [chr(256 + n) for n in range(256 - len(letters))]
    tokens = letters + ['ab', '\u010a\u010a'] + specials
    return {
        'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': 'gpt-2', 'tokenizer.ggml.tokens': tokens,
        'tokenizer.ggml.token_type': [1] * 258 + [3] * len(specials), 'tokenizer.ggml.merges': ['a b', '\u010a \u010a'],
        'tokenizer.ggml.bos_token_id': 258, 'tokenizer.ggml.eos_token_id': 259, 'tokenizer.ggml.add_bos_token': True,
    }, len(tokens)


def text(name, architecture, specials, extra=None):
    keys, count = vocabulary(['<begin>', '<end>'] + specials)
    a = architecture
    keys = {'general.architecture': a, f'{a}.block_count': 2, f'{a}.context_length': 2048, f'{a}.embedding_length': WIDTH, f'{a}.feed_forward_length': WIDE,
            f'{a}.attention.head_count': HEADS, f'{a}.attention.head_count_kv': KEYS, f'{a}.attention.key_length': SIZE, f'{a}.attention.value_length': SIZE,
            f'{a}.attention.layer_norm_rms_epsilon': 1e-5, f'{a}.rope.freq_base': 10000.0, **(extra or {}), **keys}
    t = {'token_embd.weight': rng.standard_normal((count, WIDTH)), 'output_norm.weight': gain(WIDTH)}
    for n in range(2):
        b = f'blk.{n}.'
        t[b + 'attn_norm.weight'] = gain(WIDTH)
        t[b + 'attn_q.weight'] = matrix(HEADS * SIZE, WIDTH)
        t[b + 'attn_k.weight'] = matrix(KEYS * SIZE, WIDTH)
        t[b + 'attn_v.weight'] = matrix(KEYS * SIZE, WIDTH)
        t[b + 'attn_output.weight'] = matrix(WIDTH, HEADS * SIZE)
        t[b + 'ffn_norm.weight'] = gain(WIDTH)
        t[b + 'ffn_gate.weight'] = matrix(WIDE, WIDTH)
        t[b + 'ffn_up.weight'] = matrix(WIDE, WIDTH)
        t[b + 'ffn_down.weight'] = matrix(WIDTH, WIDE)
        if a == 'gemma3':
            for part in ('post_attention_norm', 'post_ffw_norm'):
                t[f'{b}{part}.weight'] = gain(WIDTH)
            for part in ('attn_q_norm', 'attn_k_norm'):
                t[f'{b}{part}.weight'] = gain(SIZE)
        if a == 'qwen3vl':
            for part in ('attn_q_norm', 'attn_k_norm'):
                t[f'{b}{part}.weight'] = gain(SIZE)
        if a == 'qwen2vl':
            for part, rows in (('q', HEADS * SIZE), ('k', KEYS * SIZE), ('v', KEYS * SIZE)):
                t[f'{b}attn_{part}.bias'] = bias(rows)
    if a != 'gemma3':
        t['output.weight'] = matrix(count, WIDTH)
    gguf(os.path.join(here, name + '.gguf'), keys, t)


# Tower

SEEN, EYES, FACTS = 24, 3, 40


def tower(name, projector, tensors, keys, layers=3, patch=4, side=16, pre=True, post=True, centred=True, use='use_gelu', learned=True, classed=False, gate=False, fused=False, both=None):
    k = {'general.architecture': 'clip', 'clip.has_vision_encoder': True, 'clip.projector_type': projector, 'clip.vision.embedding_length': SEEN,
         'clip.vision.attention.head_count': EYES, 'clip.vision.feed_forward_length': FACTS, 'clip.vision.block_count': layers, 'clip.vision.projection_dim': WIDTH,
         'clip.vision.attention.layer_norm_epsilon': 1e-6, 'clip.vision.image_size': side, 'clip.vision.patch_size': patch,
         'clip.vision.image_mean': [0.48, 0.45, 0.40], 'clip.vision.image_std': [0.26, 0.25, 0.27], **keys}
    if use:
        k['clip.' + use] = True
    t = {'v.patch_embd.weight': rng.standard_normal((SEEN, 3, patch, patch)) / np.sqrt(3 * patch * patch)}

    def norm(at):
        t[at + '.weight'] = gain(SEEN)
        if centred:
            t[at + '.bias'] = bias(SEEN)
    if learned:
        t['v.patch_embd.bias'] = bias(SEEN)
        t['v.position_embd.weight'] = 0.3 * rng.standard_normal(((side // patch) ** 2 + classed, SEEN))
    if both or (both is None and not learned):
        t['v.patch_embd.weight.1'] = rng.standard_normal((SEEN, 3, patch, patch)) / np.sqrt(3 * patch * patch)
    if classed:
        t['v.class_embd'] = rng.standard_normal(SEEN)
    for at, there in (('v.pre_ln', pre), ('v.post_ln', post)):
        if there:
            norm(at)
    for n in range(layers):
        b = f'v.blk.{n}.'
        norm(b + 'ln1')
        norm(b + 'ln2')
        for part in ('attn_q', 'attn_k', 'attn_v', 'attn_out'):
            t[f'{b}{part}.weight'], t[f'{b}{part}.bias'] = matrix(SEEN, SEEN), bias(SEEN)
        if fused:
            for kind in ('weight', 'bias'):
                t[f'{b}attn_qkv.{kind}'] = np.concatenate([t.pop(f'{b}attn_{part}.{kind}') for part in 'qkv'])
        for part in ('ffn_up',) + (('ffn_gate',) if gate else ()):
            t[f'{b}{part}.weight'], t[f'{b}{part}.bias'] = matrix(FACTS, SEEN), bias(FACTS)
        t[b + 'ffn_down.weight'], t[b + 'ffn_down.bias'] = matrix(SEEN, FACTS), bias(SEEN)
    gguf(os.path.join(here, 'mmproj-' + name + '.gguf'), k, {**t, **tensors})


def mlp(columns):
    return {'mm.0.weight': matrix(WIDTH, columns), 'mm.0.bias': bias(WIDTH), 'mm.2.weight': matrix(WIDTH, WIDTH), 'mm.2.bias': bias(WIDTH)}


def picture(name, width, height):
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack([255 * x / width, 255 * y / height, 128 + 100 * np.sin(x / 5.0) * np.cos(y / 7.0)], -1) + (12 * rng.standard_normal((height, width, 3)) if width < 1000 else 0)
    image = Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8))
    image.save(os.path.join(here, name + '.png'), optimize=True)
    return image


text('llama', 'llama', ['<fake_token_around_image>', '<global-img>'])
text('gemma3', 'gemma3', ['<start_of_image>', '<end_of_image>'], {'gemma3.attention.sliding_window': 6})
text('qwen2vl', 'qwen2vl', ['<|vision_start|>', '<|vision_end|>'], {'qwen2vl.rope.dimension_sections': [1, 1, 2, 0]})

tower('llava', 'mlp', mlp(SEEN), {}, post=False, use='')
tower('llava-class', 'mlp', mlp(SEEN), {}, post=False, use='', classed=True)
tower('llava-next', 'mlp', mlp(SEEN), {'clip.vision.image_grid_pinpoints': [16, 32, 32, 16, 32, 32]}, use='')
tower('llava-features', 'mlp', mlp(2 * SEEN), {'clip.vision.feature_layer': [1, 3]})
yi = {f'mm.{n}.{kind}': a for n, w in ((0, matrix(WIDTH, SEEN)), (1, gain(WIDTH)), (3, matrix(WIDTH, WIDTH)), (4, gain(WIDTH))) for kind, a in (('weight', w), ('bias', bias(WIDTH)))}
tower('llava-yi', 'mlp', yi, {}, post=False, use='use_silu')
tower('idefics3', 'idefics3', {'mm.model.fc.weight': matrix(WIDTH, 4 * SEEN)}, {'clip.vision.projector.scale_factor': 2, 'clip.vision.preproc_image_size': 32}, pre=False)
tower('gemma3', 'gemma3', {'mm.input_projection.weight': matrix(SEEN, WIDTH), 'mm.soft_emb_norm.weight': gain(SEEN)}, {'clip.vision.projector.scale_factor': 2}, pre=False)
merger = {'mm.0.weight': matrix(4 * SEEN, 4 * SEEN), 'mm.0.bias': bias(4 * SEEN), 'mm.2.weight': matrix(WIDTH, 4 * SEEN), 'mm.2.bias': bias(WIDTH)}
tower('qwen2vl', 'qwen2vl_merger', merger, {}, pre=False, learned=False, use='')
tower('qwen2.5vl', 'qwen2.5vl_merger', merger, {'clip.vision.n_wa_pattern': 2}, pre=False, learned=False, centred=False, use='use_silu', gate=True)

cases = [('llava', 'llama', 50, 37), ('llava-class', 'llama', 50, 37), ('llava-next', 'llama', 50, 37), ('llava-features', 'llama', 16, 16), ('llava-yi', 'llama', 13, 40),
         ('idefics3', 'llama', 50, 37), ('gemma3', 'gemma3', 50, 37), ('qwen2vl', 'qwen2vl', 50, 37), ('qwen2.5vl', 'qwen2vl', 150, 130)]
pictures = {}


def ask(name, model, width, height):
    if (width, height) not in pictures:
        pictures[width, height] = picture(f'{width}x{height}', width, height)
    rgb = os.path.join(here, 'picture.rgb')
    open(rgb, 'wb').write(pictures[width, height].tobytes())
    result = subprocess.run([sys.argv[1], sys.argv[2], os.path.join(here, model + '.gguf'), os.path.join(here, f'mmproj-{name}.gguf'), rgb, str(width), str(height),
                             os.path.join(here, name + '.expected')], capture_output=True, text=True)
    print(name, result.returncode, '; '.join(result.stderr.strip().splitlines()[-6:]))
    os.remove(rgb)


for case in cases:
    ask(*case)

# Later ones stand behind, so that the numbers of those above stay what they were.
MARKS = ['<|image_start|>', '<|image_end|>', '<|img_thumbnail|>', '[IMG_END]'] + [f'<|img_row_{y}_col_{x}|>' for y in (1, 2) for x in range(1, 6)]
text('marked', 'llama', MARKS)
text('qwen3vl', 'qwen3vl', ['<|vision_start|>', '<|vision_end|>'], {'qwen3vl.rope.dimension_sections': [1, 1, 2, 0], 'qwen3vl.n_deepstack_layers': 1})


def layer(name, rows, columns):
    return {name + '.weight': matrix(rows, columns), name + '.bias': bias(rows)}


def norm(name, width):
    return {name + '.weight': gain(width), name + '.bias': bias(width)}


def taps(name):   # llama.cpp takes those of a convolution in halves
    return {name + '.weight': (rng.standard_normal((WIDTH, 1, 3, 3)) / 3).astype(np.float16)}


ldp = {**layer('mm.model.mlp.1', WIDTH, SEEN), **layer('mm.model.mlp.3', WIDTH, WIDTH)}
for n in (1, 2):
    b = f'mm.model.mb_block.{n}.block.'
    ldp |= {**taps(b + '0.0'), **norm(b + '0.1', WIDTH), **layer(b + '1.fc1', 8, WIDTH), **layer(b + '1.fc2', WIDTH, 8), b + '2.0.weight': matrix(WIDTH, WIDTH), **norm(b + '2.1', WIDTH)}
tower('ldp', 'ldp', ldp, {}, side=96, post=False, use='')
tower('ldpv2', 'ldpv2', {**layer('mm.model.mlp.0', WIDTH, SEEN), **layer('mm.model.mlp.2', WIDTH, WIDTH), **taps('mm.model.peg.0'), 'mm.model.peg.0.bias': bias(WIDTH)}, {}, side=96, post=False, use='')
tower('lfm2', 'lfm2', {**norm('mm.input_norm', 16 * SEEN), **layer('mm.1', 40, 16 * SEEN), **layer('mm.2', WIDTH, 40)}, {'clip.vision.projector.scale_factor': 4}, layers=2, patch=16, side=256, pre=False)
tower('phi4', 'phi4', {**layer('mm.0', 40, SEEN), **layer('mm.2', WIDTH, 40)}, {'clip.vision.image_min_pixels': 256, 'clip.vision.image_max_pixels': 1024}, pre=False)
tower('pixtral', 'pixtral', {**layer('mm.1', WIDTH, SEEN), **layer('mm.2', WIDTH, WIDTH), 'v.token_embd.img_break': rng.standard_normal(WIDTH)}, {}, post=False, centred=False, use='use_silu', gate=True, learned=False, both=False)
tower('mistral3', 'pixtral', {'mm.input_norm.weight': gain(SEEN), 'mm.patch_merger.weight': matrix(SEEN, 4 * SEEN), 'mm.1.weight': matrix(WIDTH, SEEN), 'mm.2.weight': matrix(WIDTH, WIDTH),
      'v.token_embd.img_break': rng.standard_normal(WIDTH)}, {'clip.vision.spatial_merge_size': 2}, post=False, centred=False, use='use_silu', gate=True, learned=False, both=False)
deep = {**merger, **norm('v.deepstack.1.norm', 4 * SEEN), **layer('v.deepstack.1.fc1', 4 * SEEN, 4 * SEEN), **layer('v.deepstack.1.fc2', WIDTH, 4 * SEEN)}
tower('qwen3vl', 'qwen3vl_merger', deep, {'clip.vision.spatial_merge_size': 2}, layers=4, pre=False, fused=True, both=True)

for case in [('ldp', 'llama', 50, 37), ('ldpv2', 'llama', 50, 37), ('lfm2', 'marked', 1100, 300), ('phi4', 'llama', 50, 37), ('pixtral', 'marked', 50, 37), ('mistral3', 'marked', 50, 37),
             ('qwen3vl', 'qwen3vl', 50, 37)]:
    ask(*case)

tower('internvl', 'internvl', {**norm('mm.model.mlp.0', 4 * SEEN), **layer('mm.model.mlp.1', 40, 4 * SEEN), **layer('mm.model.mlp.3', WIDTH, 40),
      **{f'v.blk.{n}.ls{part}.weight': rng.standard_normal(SEEN) for n in range(3) for part in (1, 2)}},
      {'clip.vision.projector.scale_factor': 2, 'clip.vision.preproc_min_tiles': 1, 'clip.vision.preproc_max_tiles': 6}, pre=False, post=False, classed=True)
ask('internvl', 'marked', 50, 37)
