// Makes of an uploaded image what the shop serves: every size in every format, upright, in sRGB, without metadata.
import { createHash } from 'node:crypto';
import sharp, { type Sharp } from 'sharp';
import { failure } from '../../mixins/errors.ts';
import { catalogErrors } from './catalog.contract.ts';
import { imageType } from './image-type.ts';
import { IMAGE_FORMATS, IMAGE_WIDTHS } from './product.contract.ts';

/** Part of the hash: another way of rendering must not appear under an old, immutable address. */
const PIPELINE = 'souk image 1';
const MAX_PIXELS = 40_000_000;
const MAX_BYTES = 5_000_000;

export interface RenderedImage {
  readonly hash: string;
  readonly width: number;
  readonly height: number;
  readonly colour: string;
  /** By name, such as `640.webp`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const ENCODE = {
  avif: (image: Sharp) => image.avif({ quality: 50, effort: 2 }),
  webp: (image: Sharp) => image.webp({ quality: 78, effort: 3 }),
  jpeg: (image: Sharp) => image.jpeg({ quality: 80, progressive: true }),
};

export function imageHash(bytes: Uint8Array): string {
  return createHash('sha256').update(PIPELINE).update(bytes).digest('hex');
}

/** Decodes strictly: a truncated or oversized image is refused, not guessed. Only the first frame of an animation is used. */
function open(bytes: Uint8Array): Sharp {
  return sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'truncated', sequentialRead: true })
    .autoOrient()
    .toColourspace('srgb');
}

const hex = (value: number): string => Math.round(value).toString(16).padStart(2, '0');

async function meanColour(image: Sharp): Promise<string> {
  const pixel = image.clone().flatten({ background: '#ffffff' }).resize(1, 1, { fit: 'fill' }).toColourspace('srgb');
  const [red = 255, green = red, blue = red] = await pixel.raw().toBuffer();
  return `#${[red, green, blue].map(hex).join('')}`;
}

/** JPEG knows no transparency: what is see-through becomes white there. */
async function encode(image: Sharp, width: number, format: (typeof IMAGE_FORMATS)[number]): Promise<Uint8Array> {
  const resized = image.clone().resize({ width, withoutEnlargement: true });
  return ENCODE[format](format === 'jpeg' ? resized.flatten({ background: '#ffffff' }) : resized).toBuffer();
}

/**
 * Renders an uploaded image.
 * @throws UNSUPPORTED_MEDIA_TYPE, IMAGE_TOO_LARGE, IMAGE_UNREADABLE
 */
export async function renderImage(bytes: Uint8Array): Promise<RenderedImage> {
  if (imageType(bytes) === undefined) throw failure('UNSUPPORTED_MEDIA_TYPE', 'Send a JPEG, PNG, WebP, AVIF or GIF image.');
  if (bytes.length > MAX_BYTES) throw catalogErrors('IMAGE_TOO_LARGE', `An image may have ${MAX_BYTES} bytes.`);
  const { width = 0, height = 0 } = await sharp(bytes, { limitInputPixels: false }).metadata().catch(refuse);
  if (width * height > MAX_PIXELS) throw catalogErrors('IMAGE_TOO_LARGE', `An image may have ${MAX_PIXELS} pixels.`);
  return render(bytes).catch(refuse);
}

function refuse(error: unknown): never {
  throw catalogErrors('IMAGE_UNREADABLE', undefined, { reason: error instanceof Error ? error.message.slice(0, 200) : '' });
}

async function render(bytes: Uint8Array): Promise<RenderedImage> {
  const largest = Math.max(...IMAGE_WIDTHS);
  const upright = open(bytes).resize({ width: largest, withoutEnlargement: true });
  const { data, info } = await upright.png({ compressionLevel: 0 }).toBuffer({ resolveWithObject: true });
  const image = sharp(data);
  const files = new Map<string, Uint8Array>();
  for (const width of IMAGE_WIDTHS)
    for (const format of IMAGE_FORMATS) files.set(`${width}.${format}`, await encode(image, width, format));
  return { hash: imageHash(bytes), width: info.width, height: info.height, colour: await meanColour(image), files };
}
