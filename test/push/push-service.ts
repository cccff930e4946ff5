import { createECDH, createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { decrypt } from "http_ece";
import * as v from "valibot";

const Payload = v.pipe(v.string(), v.parseJson(), v.looseObject({ type: v.picklist(["message", "close"]) }));
const Claims = v.pipe(
  v.string(),
  v.transform((it) => Buffer.from(it, "base64url").toString("utf8")),
  v.parseJson(),
  v.object({ aud: v.string(), exp: v.number(), sub: v.string() }),
);

/** A push as it arrived, decrypted (RFC 8291), its VAPID credential checked (RFC 8292). */
export type Push = {
  device: string;
  payload: v.InferOutput<typeof Payload>;
  ttl: number;
  urgency: string;
  topic: string;
  subject: string;
};

/** What the service answers: a status, or nothing for as long as the request lives. */
export type Verdict = number | "hangs";

/** A push service on this machine, with the devices that it made. */
export async function pushService(answer: (push: Push) => Verdict = () => 201) {
  const received: Push[] = [];
  const attempts: Push[] = [];
  const devices = new Map<string, { curve: ReturnType<typeof createECDH>; auth: Buffer }>();
  let origin = "";
  const server = createServer(async (request, response) => {
    const device = request.url?.slice(1) ?? "";
    const known = devices.get(device);
    if (known === undefined) return end(response, 404);
    const push = { device, ...(await read(request, known, origin)) };
    attempts.push(push);
    const verdict = answer(push);
    if (verdict === "hangs") return;
    if (verdict < 300) received.push(push);
    end(response, verdict);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  return {
    received,
    attempts,
    /** Makes a device, and returns its subscription as a browser would. */
    device(name = randomBytes(6).toString("hex")) {
      const curve = createECDH("prime256v1");
      const auth = randomBytes(16);
      const p256dh = curve.generateKeys("base64url");
      devices.set(name, { curve, auth });
      return {
        endpoint: `${origin}/${name}`,
        expirationTime: null,
        keys: { p256dh, auth: auth.toString("base64url") },
      };
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}

async function read(
  request: IncomingMessage,
  { curve, auth }: { curve: ReturnType<typeof createECDH>; auth: Buffer },
  origin: string,
) {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const { headers } = request;
  if (headers["content-encoding"] !== "aes128gcm") throw new Error("The content is encoded in another way");
  const plain = decrypt(Buffer.concat(pieces), {
    version: "aes128gcm",
    privateKey: curve,
    authSecret: auth.toString("base64url"),
  });
  return {
    payload: v.parse(Payload, plain.toString("utf8")),
    ttl: Number(headers.ttl),
    urgency: `${headers.urgency}`,
    topic: `${headers.topic}`,
    subject: checkVapid(`${headers.authorization}`, origin),
  };
}

/** Checks the signature and the claims of a VAPID credential; returns its subject. */
function checkVapid(authorization: string, origin: string): string {
  const [, jwt = "", key = ""] = /^vapid t=([^,\s]+), ?k=([\w-]+)$/.exec(authorization) ?? [];
  const [header = "", claims = "", signature = ""] = jwt.split(".");
  const point = Buffer.from(key, "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((it) => it.toString("base64url"));
  const publicKey = createPublicKey({ key: { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" }, format: "jwk" });
  const signed = Buffer.from(`${header}.${claims}`);
  const isGenuine = verify(
    "sha256",
    signed,
    { key: publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  const { aud, exp, sub } = v.parse(Claims, claims);
  const now = Date.now() / 1_000;
  if (!isGenuine || aud !== origin || exp < now || exp > now + 86_400) throw new Error("The VAPID credential is wrong");
  return sub;
}

/** The id of a device, as PROFILE says. */
export const idOf = ({ endpoint }: { endpoint: string }) => createHash("sha256").update(endpoint).digest("base64url");
