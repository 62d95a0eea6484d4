// A real OpenID Connect provider for tests, on a free port of this machine.
// Its first line of output is its address; it ends when its input does.
//
// Whoever signs in as "ana@example.org" has that address, verified; as
// "unproved:ana@example.org" the same, not verified; as "nomail" none at all.

import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const redirect = process.argv[2];

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://localhost:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "ceiba", client_secret: "a secret of the tests", redirect_uris: [redirect] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: process.argv[3] !== "in-token",
    cookies: { keys: ["a key of the tests"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => {
        const email = id.replace(/^unproved:/, "").replace(/#.*$/, "");
        if (!email.includes("@")) return { sub: id };
        return { sub: id, email, email_verified: !id.startsWith("unproved:") };
      },
    }),
  });
  server.on("request", provider.callback());
  console.log(issuer);
});

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
