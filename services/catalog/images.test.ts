import sharp from 'sharp';
import type { ImageStore } from './image-store.ts';
import { imageType } from './image-type.ts';
import { Images } from './images.ts';

class MemoryStore implements ImageStore {
  readonly files = new Map<string, Uint8Array>();
  puts = 0;

  async put(key: string, bytes: Uint8Array): Promise<void> {
    this.puts++;
    this.files.set(key, bytes);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.files.get(key);
  }
}

const blank = (width: number, height: number, colour = '#cc3311') =>
  sharp({ create: { width, height, channels: 3, background: colour } });
const code = (type: string) => expect.objectContaining({ type });

test('given a large photo with camera data, when it is added, then every size is there, smaller, upright and without the data', async () => {
  const store = new MemoryStore();
  const images = new Images(store);
  const photo = await blank(1_500, 600)
    .withExif({ IFD0: { Copyright: 'SECRET PLACE' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const image = await images.add(photo, 'A door');
  expect(image).toMatchObject({ alt: 'A door', width: 600, height: 1_500 });
  expect(image.colour).toMatch(/^#c[a-e]3[0-9a-f]1[0-9a-f]$/);
  for (const size of ['320.avif', '640.webp', '1280.jpeg']) {
    const { bytes, contentType } = await images.get(image.hash, size);
    const { width, format, exif, orientation } = await sharp(bytes).metadata();
    expect(imageType(bytes)).toBe(size.split('.')[1]);
    expect(contentType).toBe(`image/${size.split('.')[1]}`);
    expect({ width, exif, orientation, format: format === 'heif' ? 'avif' : format }).toMatchObject({
      width: Math.min(600, Number.parseInt(size, 10)),
      exif: undefined,
      orientation: undefined,
    });
    expect(Buffer.from(bytes).includes('SECRET PLACE')).toBe(false);
  }
});

test('given an image that is there, when it is added again, then nothing is stored and the address is the same', async () => {
  const store = new MemoryStore();
  const images = new Images(store);
  const bytes = await blank(50, 50).png().toBuffer();
  const first = await images.add(bytes, '');
  const { puts } = store;
  expect(await images.add(bytes, 'again')).toEqual({ ...first, alt: 'again' });
  expect(store.puts).toBe(puts);
});

test('given an image, when it is served, then it may be kept for ever and is the identical answer', async () => {
  const images = new Images(new MemoryStore());
  const { hash } = await images.add(await blank(40, 40).webp().toBuffer(), '');
  const file = await images.get(hash, '320.webp');
  expect(file.headers['Cache-Control']).toBe('public, max-age=31536000, immutable');
  expect(await images.get(hash, '320.webp')).toBe(file);
  await expect(images.get('0'.repeat(64), '320.webp')).rejects.toEqual(code('NOT_FOUND'));
});

test('given a transparent PNG, when it becomes a JPEG, then see-through is white', async () => {
  const images = new Images(new MemoryStore());
  const clear = await sharp({ create: { width: 20, height: 20, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .png()
    .toBuffer();
  const { hash, colour } = await images.add(clear, '');
  const { channels } = await sharp((await images.get(hash, '320.jpeg')).bytes).stats();
  expect(channels.map(({ mean }) => Math.round(mean))).toEqual([255, 255, 255]);
  expect(colour).toBe('#ffffff');
});

test.each([
  ['an SVG with a script', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 'UNSUPPORTED_MEDIA_TYPE'],
  ['a page', '<!doctype html><script>alert(1)</script>', 'UNSUPPORTED_MEDIA_TYPE'],
  ['nothing', '', 'UNSUPPORTED_MEDIA_TYPE'],
  ['something that only begins like a JPEG', '\xff\xd8\xff\xe0 not really', 'IMAGE_UNREADABLE'],
])('given %s, when it is added, then it is refused and nothing is stored', async (_what, text, type) => {
  const store = new MemoryStore();
  await expect(new Images(store).add(Buffer.from(text, 'latin1'), '')).rejects.toEqual(code(type));
  expect(store.puts).toBe(0);
});

test('given a cut-off image, when it is added, then it is refused', async () => {
  const noise = Buffer.from(Array.from({ length: 300 * 300 * 3 }, (_, i) => (i * 7_919) % 256));
  const whole = await sharp(noise, { raw: { width: 300, height: 300, channels: 3 } })
    .jpeg()
    .toBuffer();
  await expect(new Images(new MemoryStore()).add(whole.subarray(0, whole.length / 2), '')).rejects.toEqual(
    code('IMAGE_UNREADABLE'),
  );
});

test('given few bytes that unpack to too many pixels, when they are added, then they are refused before they are unpacked', async () => {
  const bomb = await blank(9_000, 9_000).png({ compressionLevel: 9 }).toBuffer();
  expect(bomb.length).toBeLessThan(1_000_000);
  await expect(new Images(new MemoryStore()).add(bomb, '')).rejects.toEqual(code('IMAGE_TOO_LARGE'));
});

test('given many uploads at once, then few run together, and too many are told to come back', async () => {
  const images = new Images(new MemoryStore());
  const bytes = await blank(30, 30).png().toBuffer();
  const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => images.add(bytes, '')));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(22);
  expect(outcomes.find((outcome) => outcome.status === 'rejected')?.reason).toEqual(code('UNAVAILABLE'));
});
